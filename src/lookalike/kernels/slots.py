"""Slots of rows that pass the stage of codes: each once, and those of rows that are in no table."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_WORDS
from lookalike.kernels.patterns import difference

_OFTEN = 2  # times as often as rows of the tables fresh ones must pass, for all of them to pass


@njit(cache=True, nogil=True)
def distinct(slots: NDArray[np.int32], count: int) -> int:
    """Sort the first ``count`` slots and drop repetitions, in place; return how many slots remain."""
    slots[:count].sort()
    distinct = 0
    for place in range(count):
        if place == 0 or slots[place] != slots[place - 1]:
            slots[distinct] = slots[place]
            distinct += 1
    return distinct


@njit(cache=True, nogil=True)
def keep_fresh(
    fresh: NDArray[np.uint64],
    pattern: NDArray[np.uint64],
    border: int,
    counts: tuple[int, int],
    slots: NDArray[np.int32],
) -> int:
    """Gather the slots of fresh rows whose codes are within the border; all, if these pass very often.

    Args:
        fresh: (f, 8) uint64, the sketches of the fresh rows.
        pattern: (4, 8) uint64, the query's.
        border: the highest score that passes.
        counts: how many rows of the tables pass, and how many there are.
        slots: those of the tables that pass, and room for all fresh ones; filled.

    Returns:
        How many slots pass in all.
    """
    hashed, rows = counts
    kept = hashed
    for row in range(len(fresh)):
        slots[kept] = rows + row
        kept += int(difference(fresh, row, pattern, CODE_WORDS) <= border)
    if (kept - hashed) * rows > _OFTEN * hashed * len(fresh):
        for row in range(len(fresh)):
            slots[hashed + row] = rows + row
        kept = hashed + len(fresh)
    return kept
