"""Distances of rows that are float32 numbers, or float16 ones given by their bits.

float16 rows take half the memory. Numba cannot compute with them, so the bits of a row are turned into
float32 numbers before it is measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

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


def distance_of(
    ranking: Ranking, query: NDArray[np.floating], rows: NDArray[Any], row: int, wide: NDArray[np.float32]
) -> float:
    """Compute how far a row is from a query, in float64; for compiled functions only.

    Args:
        ranking: how to measure distance.
        query: (dim,) float32 or float64.
        rows: (n, dim) float32, or uint16 (see ``widen``).
        row: the number of the row.
        wide: (1, dim) float32, scratch.
    """
    raise NotImplementedError


@overload(distance_of)
def _distance_of(ranking: Any, query: Any, rows: Any, row: Any, wide: Any) -> Any:
    """Choose by the type of the rows, while numba compiles a call of ``distance_of``."""
    if rows.dtype == types.uint16:

        def of_halves(ranking: Any, query: Any, rows: Any, row: Any, wide: Any) -> Any:
            widen(rows, row, wide)
            return distance(ranking, query, wide, 0)

        return of_halves

    def of_singles(ranking: Any, query: Any, rows: Any, row: Any, wide: Any) -> Any:
        return distance(ranking, query, rows, row)

    return of_singles
