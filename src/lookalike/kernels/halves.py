"""Distances of rows that are float32 numbers, or float16 ones given by their bits.

float16 rows take half the memory. Numba cannot compute with them, so the bits of a row are turned into
float32 numbers before it is measured.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.addresses import read_only
from lookalike.kernels.distances import Ranking, distance

_SIGN, _REST = np.uint32(0x8000), np.uint32(0x7FFF)
_UP, _ALONG = np.uint32(16), np.uint32(13)
_EXPONENTS = np.float32(2.0**112)  # float32 counts exponents from -127, float16 from -15


@njit(cache=True, nogil=True)
def widen(halves: NDArray[np.uint16], row: int, wide: NDArray[np.float32]) -> None:
    """Turn a row of float16 numbers into float32, without rounding.

    Args:
        halves: (n, dim) uint16, bits of finite numbers: a sign, 5 bits of exponent, 10 of fraction.
        row: the number of the row.
        wide: (1, dim) float32, filled.
    """
    bits = wide.view(np.uint32)
    for place in range(halves.shape[1]):
        half = np.uint32(halves[row, place])
        bits[0, place] = ((half & _SIGN) << _UP) | ((half & _REST) << _ALONG)
    for place in range(halves.shape[1]):
        wide[0, place] *= _EXPONENTS


@njit(nogil=True, inline="always")
def distance_of(
    ranking: Ranking,
    query: NDArray[np.floating],
    vectors: NDArray[np.float32],
    halves: NDArray[np.uint16],
    row: int,
    wide: NDArray[np.float32],
) -> float:
    """Compute how far a row is from a query, in float64.

    Args:
        ranking: how to measure distance.
        query: (dim,) float32 or float64.
        vectors: see ``stored.Stored``, as the next.
        halves: if of no rows, the row is one of ``vectors``.
        row: the number of the row.
        wide: (1, dim) float32, scratch.
    """
    if len(halves) > 0:
        widen(halves, row, wide)
        only = int(np.int64(0))  # numba compiles all formulas anew for a plain 0
        return float(distance(ranking, query, read_only(wide), only))
    return float(distance(ranking, query, vectors, row))
