"""One query per call: what numpy does for a batch before the funnel, compiled together with it.

For a single query most of that time went into Python between numpy's calls, into unpacking arrays, and into
memory that the funnel had pushed out of the caches since. So the compiled function takes two addresses and
no arrays: one of what all queries have in common, one of the room for a query and its answer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.addresses import Kind, places_of, read_only, reader, written
from lookalike.kernels.arrays import LARGEST_VALUE
from lookalike.kernels.bits import CODE_BITS
from lookalike.kernels.cells import costs_from
from lookalike.kernels.funnel import search_plain
from lookalike.kernels.gaps import STAGES
from lookalike.kernels.products import LANES, multiply_block
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables

REFUSED = -1

_TABLES = Kind(np.int64, 2), Kind(np.uint8, 2), Kind(np.int32, 2), Kind(np.int32, 1), Kind(np.uint64, 2)
_MAIN = Kind(np.int64, 1), Kind(np.float32, 2), Kind(np.uint16, 2), Kind(np.bool_, 1)
_LATER = Kind(np.int64, 1), Kind(np.float32, 2), Kind(np.bool_, 1)
_BLOCKS = Kind(np.uint32, 3)
_FUNCTIONS = _BLOCKS, _BLOCKS, *(Kind(np.float32, dimensions) for dimensions in (1, 1, 2))
_STORED = *_MAIN, *_LATER, Kind(np.uint64, 2)
_KINDS = *_TABLES, *_STORED, *_FUNCTIONS, Kind(np.float32, 2), Kind(np.float64, 1)
_ROOM = (
    Kind(np.float32, 2, True),
    Kind(np.int64, 2, True),
    Kind(np.float32, 2, True),
    Kind(np.float32, 1, True),
)
_read: Any = reader(_KINDS)
_read_room: Any = reader(_ROOM)


class Room(NamedTuple):
    """Where a query is put, and where its answer is found; one search at a time uses it.

    Attributes:
        query: (1, dim) float32.
        ids: (1, k) int64; -1 if there are fewer than k.
        distances: (1, k) float32; infinity if there are fewer than k.
        recall: (1,) float32, see ``answers.Answers``.
        places: where the four others lie.
        where: the address of ``places``, which ``search_one`` takes.
    """

    query: NDArray[np.float32]
    ids: NDArray[np.int64]
    distances: NDArray[np.float32]
    recall: NDArray[np.float32]
    places: NDArray[np.int64]
    where: int

    @classmethod
    def of(cls, dim: int, k: int) -> Room:
        """Room for a query of ``dim`` numbers and ``k`` neighbours."""
        query, distances = np.empty((1, dim), np.float32), np.empty((1, k), np.float32)
        arrays = query, np.empty((1, k), np.int64), distances, np.empty(1, np.float32)
        places = places_of(arrays)
        return cls(*arrays, places, places.ctypes.data)


class Fixed(NamedTuple):
    """What does not depend on the query.

    Attributes:
        tables: the hash tables.
        stored: the rows.
        functions: the normals of all hyperplanes, (tables * bits + 128, dim), and the centres of cells,
            (cells, 128), of no cells if keys are signs, as ``products.blocks_of`` lays them out; the squares
            of the centres' lengths, (cells,) float32; and the two fields of a ``Rotation``.
        weights: those of an ``Effort``, (2, 3) float32.
        numbers: (14,) float64, its other fields, those of a ``Ranking``, whether a query is to be scaled to
            length 1, and how many of the hyperplanes are of keys.
    """

    tables: Tables
    stored: Stored
    functions: tuple[NDArray[Any], ...]
    weights: NDArray[np.float32]
    numbers: NDArray[np.float64]

    def places(self) -> NDArray[np.int64] | None:
        """Write down where all these arrays lie, which must not move or be freed while that is in use.

        Returns:
            (n,) int64, whose address ``search_one`` takes; None if an array is not as that takes it, as one
            that begins in the middle of a number.
        """
        return written((*self.tables, *self.stored, *self.functions, self.weights, self.numbers), _KINDS)


@njit(cache=True, nogil=True, error_model="numpy")
def search_one(where: int, room: int) -> tuple[int, int, int, int]:
    """Do for one query what ``arrays.as_vectors``, ``metrics.prepare`` and ``funnel.search`` do for many.

    Args:
        where: the address of what ``Fixed.places`` returned.
        room: ``Room.where``. The query there, as it came, is made ready in place; the others are filled.

    Returns:
        As ``funnel.search``; ``REFUSED`` four times if a value of the query is not finite or too large.
    """
    arrays = _read(where)
    query, ids, distances, recall = _read_room(room)
    ids[:], distances[:], recall[:] = -1, np.inf, np.nan
    tables, stored = arrays[:5], arrays[5:13]
    planes, centres, squares, centre, signs = arrays[13:18]
    weights, numbers = arrays[18], arrays[19]
    probes, codes_kept, sketches = np.int64(numbers[1]), np.int64(numbers[2]), np.int64(numbers[3])
    most = np.int64(numbers[4]), np.int64(numbers[5])
    judging = numbers[6], numbers[7], numbers[8], numbers[9]
    effort = numbers[0], probes, codes_kept, sketches, *most, weights, *judging
    ranking, unit = (np.int64(numbers[10]), numbers[11]), numbers[12] > 0
    vector = query[0]
    if not _make_ready(vector, unit):
        return REFUSED, REFUSED, REFUSED, REFUSED
    margins = np.empty(len(planes) * LANES, np.float32)
    _measure(vector, centre, planes, margins)
    keys = np.int64(numbers[13])
    codes = margins[keys : keys + CODE_BITS].reshape(1, CODE_BITS)
    if len(squares) > 0:
        products = np.empty(len(centres) * LANES, np.float32)
        _multiply(codes[0], centres, products)
        borders = products[: len(squares)].reshape(1, 1, len(squares))
        costs_from(borders[0], squares)
    else:
        count = len(tables[0])
        borders = margins[:keys].reshape(1, count, keys // count)
    queries = read_only(query), borders, codes
    answers = ids, distances, recall, np.zeros((1, STAGES), np.float32)
    return search_plain(tables, stored, effort, queries, (centre, signs), ranking, answers)


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def _make_ready(vector: NDArray[np.float32], unit: bool) -> bool:
    """Check a query, (dim,) float32, and scale it if it should have length 1; return whether it is fine."""
    square = 0.0
    for place in range(len(vector)):
        square += np.float64(vector[place]) * np.float64(vector[place])
    if not square <= LARGEST_VALUE**2:  # NaN compares false with everything
        for place in range(len(vector)):
            if not abs(vector[place]) <= LARGEST_VALUE:
                return False
    if unit and square > 0:
        length = np.sqrt(square)
        for place in range(len(vector)):
            vector[place] = np.float32(np.float64(vector[place]) / length)
    return True


@njit(cache=True, nogil=True)
def _measure(
    vector: NDArray[np.float32],
    centre: NDArray[np.float32],
    planes: NDArray[np.uint32],
    margins: NDArray[np.float32],
) -> None:
    """Compute the margins of a query, (dim,) float32, against all hyperplanes; see ``products.blocks_of``."""
    centred = np.empty(len(vector), np.float32)
    for place in range(len(vector)):
        centred[place] = vector[place] - centre[place]
    _multiply(centred, planes, margins)


@njit(cache=True, nogil=True)
def _multiply(vector: NDArray[np.float32], blocks: NDArray[np.uint32], products: NDArray[np.float32]) -> None:
    """Compute the products of a vector, (n,) float32, with all columns; those of zeros come last."""
    for block in range(len(blocks)):
        multiply_block(vector, blocks, block, products)
