"""Hash tables as flat arrays: each bucket is a run of rows, the runs lie in the order of their keys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_WORDS
from lookalike.kernels.probes import own_key


class Tables(NamedTuple):
    """Hash tables over the same m rows, in a form that a probe reads straight through.

    The rows are numbered anew, by their places in the first table: these numbers are their slots. What lies
    in one bucket of the first table, codes and sketches alike, so lies together in memory.

    Attributes:
        starts: (tables, 2 ** bits + 1) int64; bucket b of table t holds places starts[t, b]:starts[t, b + 1].
        codes: (tables, 2, m) uint64; for each place the first and the second word of its sketch.
        slots: (tables - 1, m) int32; the slot at each place of the tables after the first.
        rows: (m,) int32; the row in each slot.
        sketches: (m, 8) uint64; the sketch in each slot.
    """

    starts: NDArray[np.int64]
    codes: NDArray[np.uint64]
    slots: NDArray[np.int32]
    rows: NDArray[np.int32]
    sketches: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def keys_of(margins: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Bucket keys from margins.

    Args:
        margins: (n, tables, bits) float32, bits <= 24.

    Returns:
        (tables, n) uint32; bit j is 1 where margin j is above 0.
    """
    n, tables, _ = margins.shape
    keys = np.empty((tables, n), np.uint32)
    for row in range(n):
        for table in range(tables):
            keys[table, row] = own_key(margins[row, table])
    return keys


@njit(cache=True, nogil=True)
def build(
    keys: NDArray[np.uint32], sketches: NDArray[np.uint64], alive: NDArray[np.bool_], bits: int
) -> Tables:
    """Counting sort of rows into buckets, in time linear in rows and buckets.

    Args:
        keys: (tables, n) uint32, each below 2 ** bits.
        sketches: (n, 8) uint64.
        alive: (n,) bool; rows marked False are left out.
        bits: key length.
    """
    tables, n = keys.shape
    living = alive.sum()
    starts = np.zeros((tables, (1 << bits) + 1), np.int64)
    codes = np.empty((tables, CODE_WORDS, living), np.uint64)
    slots = np.empty((tables - 1, living), np.int32)
    rows = np.empty(living, np.int32)
    slot_of = np.empty(n, np.int32)
    for table in range(tables):
        for row in range(n):
            starts[table, keys[table, row] + 1] += alive[row]
        for bucket in range(1 << bits):
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
                for word in range(CODE_WORDS):
                    codes[table, word, place] = sketches[row, word]
    return Tables(starts, codes, slots, rows, sketches[rows])
