"""Building hash tables: keys of rows, and rows sorted into buckets by their keys."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BYTES, CODES_END
from lookalike.kernels.costs import own_key
from lookalike.kernels.tables import Tables


@njit(cache=True, nogil=True)
def keys_of(borders: NDArray[np.float32], buckets: int) -> NDArray[np.uint32]:
    """Compute the key of the bucket that each row falls into, in each table.

    Args:
        borders: (n, tables, bits or cells) float32; see ``costs``.
        buckets: how many buckets each table has.

    Returns:
        (tables, n) uint32; bit j of a key is 1 if margin j is above 0, or the key is the number of a cell.
    """
    n, tables, _ = borders.shape
    keys = np.empty((tables, n), np.uint32)
    for row in range(n):
        for table in range(tables):
            keys[table, row] = own_key(borders[row, table], buckets)
    return keys


@njit(cache=True, nogil=True)
def build(
    keys: NDArray[np.uint32], sketches: NDArray[np.uint64], alive: NDArray[np.bool_], buckets: int
) -> Tables:
    """Sort rows into buckets by counting, in time linear in rows and buckets.

    Args:
        keys: (tables, n) uint32, each below ``buckets``; see ``keys_of``.
        sketches: (n, 8) uint64; see ``patterns.sketch_rows``.
        alive: (n,) bool; rows marked False are left out.
        buckets: how many buckets each table has.
    """
    tables, n = keys.shape
    living = alive.sum()
    starts = np.zeros((tables, buckets + 1), np.int64)
    codes = np.zeros((tables, CODE_BYTES * living + CODES_END), np.uint8)
    slots = np.empty((tables - 1, living), np.int32)
    rows = np.empty(living, np.int32)
    slot_of = np.empty(n, np.int32)
    for table in range(tables):
        for row in range(n):
            starts[table, keys[table, row] + 1] += alive[row]
        for bucket in range(buckets):
            starts[table, bucket + 1] += starts[table, bucket]
        following = starts[table, :-1].copy()
        for row in range(n):
            if alive[row]:
                place = following[keys[table, row]]
                following[keys[table, row]] += 1
                if table == 0:
                    rows[place] = row
                    slot_of[row] = place
                else:
                    slots[table - 1, place] = slot_of[row]
                start, stop = starts[table, keys[table, row]], starts[table, keys[table, row] + 1]
                for byte in range(CODE_BYTES):
                    code = sketches[row, byte // 8] >> np.uint64(8 * (byte % 8))
                    at = CODE_BYTES * start + byte * (stop - start) + place - start
                    codes[table, at] = np.uint8(code & np.uint64(255))
    return Tables(starts, codes, slots, rows, sketches[rows])
