"""float16 numbers as float32, by operations of numpy that processors do for many numbers at once.

numpy's own conversion takes one number after the other, and so seven times as long. This module needs no
numba: a process that scans has not loaded it. ``halves`` does the same in compiled functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

_AT_ONCE = 1 << 17  # numbers: what is written for them stays in the cache until the last step
_ALONG = 13  # bits of a fraction that float32 has and float16 has not
_KEPT = np.int32(0x8FFFFFFF - (1 << 32))  # the sign, then 5 bits of exponent and 10 of fraction, as shifted
_EXPONENTS = np.float32(2.0**112)  # float32 counts exponents from -127, float16 from -15


def singles(rows: NDArray[Any]) -> Vectors:
    """Turn rows into float32, without rounding.

    Args:
        rows: (n, dim) float32, or float16 numbers that are finite.

    Returns:
        (n, dim) float32; of float32 rows no copy.
    """
    if rows.dtype != np.float16:
        return np.asarray(rows, np.float32)
    bits = np.ascontiguousarray(rows).view(np.int16)
    wide = np.empty(bits.shape, np.int32)
    step = max(1, _AT_ONCE // max(1, bits.shape[1]))
    for start in range(0, len(bits), step):
        some = wide[start : start + step]
        some[:] = bits[start : start + step]  # repeats the sign in all bits that are new
        some <<= _ALONG
        some &= _KEPT
        numbers = some.view(np.float32)
        numbers *= _EXPONENTS
    return wide.view(np.float32)
