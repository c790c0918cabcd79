"""Hash tables as flat arrays: each bucket is a run of rows, the runs lie in the order of their keys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Tables(NamedTuple):
    """Hash tables over the same rows, in a form that a probe reads straight through.

    Attributes:
        starts: (tables, 2 ** bits + 1) int64; bucket b of table t holds places starts[t, b]:starts[t, b + 1].
        rows: (tables, n) int32; the row at each place.
        codes: (tables, n) uint64; beside each row the first word of its sketch.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    codes: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def keys_of(margins: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Bucket keys from margins.

    Args:
        margins: (n, bits) float32, bits <= 24.

    Returns:
        (n,) uint32; bit j is 1 where margin j is above 0.
    """
    n, bits = margins.shape
    keys = np.zeros(n, np.uint32)
    for row in range(n):
        key = np.uint32(0)
        for bit in range(bits):
            if margins[row, bit] > 0:
                key |= np.uint32(1) << np.uint32(bit)
        keys[row] = key
    return keys


@njit(cache=True, nogil=True)
def build(keys: NDArray[np.uint32], first_words: NDArray[np.uint64], bits: int) -> Tables:
    """Counting sort of rows into buckets, in time linear in rows and buckets.

    Args:
        keys: (tables, n) uint32, each below 2 ** bits.
        first_words: (n,) uint64, the first word of each row's sketch.
        bits: key length.
    """
    tables, n = keys.shape
    starts = np.zeros((tables, (1 << bits) + 1), np.int64)
    rows = np.empty((tables, n), np.int32)
    codes = np.empty((tables, n), np.uint64)
    for table in range(tables):
        for row in range(n):
            starts[table, keys[table, row] + 1] += 1
        for bucket in range(1 << bits):
            starts[table, bucket + 1] += starts[table, bucket]
        place = starts[table, :-1].copy()
        for row in range(n):
            key = keys[table, row]
            rows[table, place[key]] = row
            codes[table, place[key]] = first_words[row]
            place[key] += 1
    return Tables(starts, rows, codes)
