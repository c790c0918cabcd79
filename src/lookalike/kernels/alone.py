"""One query a call: what numpy does for a batch before the funnel, compiled together with it.

For a single query most of that time went into Python between numpy's calls, and into memory that the funnel
had pushed out of the caches since.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.arrays import LARGEST_VALUE
from lookalike.kernels.cells import costs_from
from lookalike.kernels.funnel import search_plain

REFUSED = -1


class Asked(NamedTuple):
    """Room for one query, used again for the next one of the same thread.

    Attributes:
        vector: (1, dim) float32; the query, made ready in place.
        same: the same memory, read-only, as the funnel takes it.
        margins: (tables * bits + 128,) float32, those of the keys and then those of the code; filled.
        borders: (1, tables, bits or cells) float32; the first margins, or filled if buckets are cells.
        codes: (1, 128) float32, the last margins.
        unit: whether to scale the query to length 1.
    """

    vector: NDArray[np.float32]
    same: NDArray[np.float32]
    margins: NDArray[np.float32]
    borders: NDArray[np.float32]
    codes: NDArray[np.float32]
    unit: bool


@njit(cache=True, nogil=True, error_model="numpy")
def search_one(
    tables: tuple[Any, ...],
    stored: tuple[Any, ...],
    effort: tuple[Any, ...],
    asked: tuple[Any, ...],
    functions: tuple[NDArray[np.float32], tuple[Any, ...], tuple[Any, ...]],
    ranking: tuple[Any, ...],
    answers: tuple[Any, ...],
) -> tuple[int, int, int, int]:
    """Do for one query what ``arrays.as_vectors``, ``metrics.prepare`` and ``funnel.search`` do for many.

    Args:
        tables: the fields of a ``Tables``; the others likewise, of ``Stored``, ``Effort``, ``Asked`` (whose
            vector holds the query as it came), ``Ranking`` and ``Answers`` (of one query, with anything in
            them).
        functions: the normals of all hyperplanes, (tables * bits + 128, dim) float32; the centres of cells,
            (cells, 128), and the squares of their lengths, (cells,), both float32, of no cells if keys are
            signs; and the fields of a ``Rotation``.

    Returns:
        As ``funnel.search``; ``REFUSED`` four times if a value of the query is not finite or too large.
    """
    vectors, same, margins, borders, codes, unit = asked
    vector = vectors[0]
    if not _make_ready(vector, unit):
        return REFUSED, REFUSED, REFUSED, REFUSED
    planes, (centres, squares), rotation = functions
    _measure(vector, rotation[0], planes, margins)
    if len(centres) > 0:
        _multiply(codes[0], centres, borders[0, 0])
        costs_from(borders[0], squares)
    answers[0][:] = -1
    answers[1][:] = np.inf
    answers[2][:] = np.nan
    return search_plain(tables, stored, effort, (same, borders, codes), rotation, ranking, answers)


@njit(cache=True, nogil=True)
def _make_ready(vector: NDArray[np.float32], unit: bool) -> bool:
    """Check a query, (dim,) float32, and scale it if it should have length 1; return whether it is fine."""
    square = 0.0
    for place in range(len(vector)):
        value = np.float64(vector[place])
        if not abs(value) <= LARGEST_VALUE:  # NaN compares false with everything
            return False
        square += value * value
    if unit and square > 0:
        length = np.sqrt(square)
        for place in range(len(vector)):
            vector[place] = np.float32(np.float64(vector[place]) / length)
    return True


@njit(cache=True, nogil=True, fastmath=True)
def _measure(
    vector: NDArray[np.float32],
    centre: NDArray[np.float32],
    planes: NDArray[np.float32],
    margins: NDArray[np.float32],
) -> None:
    """Compute the margins of a query, (dim,) float32, against all hyperplanes."""
    centred = np.empty(len(vector), np.float32)
    for place in range(len(vector)):
        centred[place] = vector[place] - centre[place]
    _multiply(centred, planes, margins)


@njit(cache=True, nogil=True, fastmath=True)
def _multiply(vector: NDArray[np.float32], rows: NDArray[np.float32], products: NDArray[np.float32]) -> None:
    """Compute the products of a vector, (n,) float32, with (r, n) rows."""
    for row in range(len(rows)):
        total = np.float32(0)
        for place in range(len(vector)):
            total += rows[row, place] * vector[place]
        products[row] = total
