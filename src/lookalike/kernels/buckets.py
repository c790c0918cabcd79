"""Building hash tables: keys of rows, and rows sorted into buckets by their keys."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.arrays import on_lines, room_on_lines
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


def build(
    keys: NDArray[np.uint32], sketches: NDArray[np.uint64], alive: NDArray[np.bool_], buckets: int
) -> Tables:
    """Sort rows into buckets by counting, in time linear in rows and buckets.

    Sketches are most of what tables hold, so they are sorted where they are: a second copy of them would be
    most of what a large index needs while it is built.

    Args:
        keys: (tables, n) uint32, each below ``buckets``; see ``keys_of``.
        sketches: (n, 8) uint64; see ``patterns.sketch_rows``. They become those of the tables if all rows are
            alive; otherwise they are scratch afterwards.
        alive: (n,) bool; rows marked False are left out.
        buckets: how many buckets each table has.
    """
    tables, living = len(keys), int(alive.sum())
    starts = np.zeros((tables, buckets + 1), np.int64)
    slots, rows = np.empty((tables - 1, living), np.int32), np.empty(living, np.int32)
    slot_of = _sort(keys, alive, starts, slots, rows)
    _move(sketches, alive, slot_of)
    if living < len(sketches):
        sketches = on_lines(sketches[:living])
    codes = room_on_lines((tables, CODE_BYTES * living + CODES_END), np.uint8)
    codes[:, CODE_BYTES * living :] = 0
    _lay_out(sketches, starts, slots, codes)
    return Tables(starts, codes, slots, rows, sketches)


@njit(cache=True, nogil=True)
def _sort(
    keys: NDArray[np.uint32],
    alive: NDArray[np.bool_],
    starts: NDArray[np.int64],
    slots: NDArray[np.int32],
    rows: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Fill the starts, which are zeros, the slots and the rows of tables.

    Returns:
        (n,) int32, the slot of each living row, and anything for the others.
    """
    tables, n = keys.shape
    slot_of = np.empty(n, np.int32)
    for table in range(tables):
        for row in range(n):
            starts[table, keys[table, row] + 1] += alive[row]
        for bucket in range(starts.shape[1] - 1):
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
    return slot_of


@njit(cache=True, nogil=True)
def _move(sketches: NDArray[np.uint64], alive: NDArray[np.bool_], slot_of: NDArray[np.int32]) -> None:
    """Move the sketch of each living row to its slot, in place; ``slot_of`` is overwritten."""
    living = 0
    for row in range(len(sketches)):
        if alive[row]:
            if living < row:
                for word in range(sketches.shape[1]):
                    sketches[living, word] = sketches[row, word]
                slot_of[living] = slot_of[row]
            living += 1
    for place in range(living):
        while slot_of[place] != place:  # each turn brings one sketch to its slot
            slot = slot_of[place]
            slot_of[place], slot_of[slot] = slot_of[slot], slot
            for word in range(sketches.shape[1]):
                sketches[place, word], sketches[slot, word] = sketches[slot, word], sketches[place, word]


@njit(cache=True, nogil=True)
def _lay_out(
    sketches: NDArray[np.uint64],
    starts: NDArray[np.int64],
    slots: NDArray[np.int32],
    codes: NDArray[np.uint8],
) -> None:
    """Fill the codes of tables, bucket by bucket; see ``Tables``."""
    for table in range(len(starts)):
        for bucket in range(starts.shape[1] - 1):
            start, stop = starts[table, bucket], starts[table, bucket + 1]
            for place in range(start, stop):
                slot = place if table == 0 else np.int64(slots[table - 1, place])
                for byte in range(CODE_BYTES):
                    code = sketches[slot, byte // 8] >> np.uint64(8 * (byte % 8))
                    at = CODE_BYTES * start + byte * (stop - start) + place - start
                    codes[table, at] = np.uint8(code & np.uint64(255))
