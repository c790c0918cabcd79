"""Codes of 256 bits near a query, all of them, by the parts in which they can differ least.

Two codes that differ in at most r bits, cut into 16 parts of 16 bits, differ by at most t_i bits in at least
one part i if the sum of all (t_i + 1) is r + 1 (pigeonhole): so rows are kept in one table per part, keyed by
the part's bits, and a query visits the keys within t_i flips of its own (Norouzi, Punjani and Fleet, "Fast
exact search in Hamming space with multi-index hashing", TPAMI 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.popcount import ones

Words = NDArray[np.uint64]
Keys = NDArray[np.uint16]


@njit(cache=True, nogil=True)
def fill(keys: Keys, starts: NDArray[np.int64], rows: NDArray[np.int32]) -> None:
    """Sort rows into tables, one per part.

    Args:
        keys: (n, 16) uint16, the parts of each row.
        starts: (16, 65537) int64, filled: bucket b of table t holds places starts[t, b]:starts[t, b + 1].
        rows: (16, n) int32, filled: the number of the row at each place of each table, ascending in a bucket.
    """
    for part in range(keys.shape[1]):
        bounds = starts[part]
        bounds[:] = 0
        for row in range(len(keys)):
            bounds[keys[row, part] + 1] += 1
        for key in range(1, len(bounds)):
            bounds[key] += bounds[key - 1]
        places = bounds[:-1].copy()
        for row in range(len(keys)):
            key = keys[row, part]
            rows[part, places[key]] = row
            places[key] += 1


@njit(cache=True, nogil=True)
def scan(codes: Words, code: Words, radius: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Compare a query with all rows.

    Args:
        codes: (n, 4) uint64.
        code: (4,) uint64, the query.
        radius: bits in which a row may differ.

    Returns:
        Rows within the radius, ascending, (m,) int64, and in how many bits each differs, (m,) int64.
    """
    found = np.empty(64, np.int64)
    count = int(np.int64(0))  # numba compiles a function anew for a plain 0
    for row in range(len(codes)):
        if _difference(codes, row, code) <= radius:
            found = _with(found, count, row)
            count += 1
    return found[:count], _differences(codes, found[:count], code)


@njit(cache=True, nogil=True)
def near(
    codes: Words,
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    code: Words,
    radius: int,
    masks: Keys,
    probes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find all rows within a radius of a query by the tables of ``fill``.

    Args:
        codes: (n, 4) uint64, the rows.
        starts: as filled by ``fill``.
        rows: as filled by ``fill``.
        code: (4,) uint64, the query.
        radius: bits in which a row may differ.
        masks: (m,) uint16, what to flip in a key, those of fewest bits first.
        probes: (16,) int64: so many of the masks are tried in each part.

    Returns:
        Rows within the radius, (m,) int64, in any order, each once, and in how many bits each differs.
    """
    if _candidates(starts, code, masks, probes) > len(codes):
        return scan(codes, code, radius)
    found = np.empty(64, np.int64)
    count = int(np.int64(0))
    for part in range(len(probes)):
        own = _part(code, part)
        for probe in range(probes[part]):
            key = own ^ masks[probe]
            for place in range(starts[part, key], starts[part, key + 1]):
                row = int(np.int64(rows[part, place]))
                if _difference(codes, row, code) <= radius and not _met(codes[row], code, part, probes):
                    found = _with(found, count, row)
                    count += 1
    return found[:count], _differences(codes, found[:count], code)


@njit(cache=True, nogil=True, inline="always")
def _difference(codes: Words, row: int, code: Words) -> Any:
    total = ones(codes[row, 0] ^ code[0]) + ones(codes[row, 1] ^ code[1])
    return np.int64(total + ones(codes[row, 2] ^ code[2]) + ones(codes[row, 3] ^ code[3]))


@njit(cache=True, nogil=True)
def _differences(codes: Words, rows: NDArray[np.int64], code: Words) -> NDArray[np.int64]:
    found = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        found[place] = _difference(codes, rows[place], code)
    return found


@njit(cache=True, nogil=True)
def _part(code: Words, part: int) -> Any:
    """The bits of one part, as it is numbered in the view of little-endian words as uint16."""
    return np.int64((code[part >> 2] >> np.uint64(16 * (part & 3))) & np.uint64(0xFFFF))


@njit(cache=True, nogil=True)
def _met(row: Words, code: Words, part: int, probes: NDArray[np.int64]) -> bool:
    """Whether a row was met in an earlier part's table already."""
    for earlier in range(part):
        flipped = ones(np.uint64(_part(row, earlier) ^ _part(code, earlier)))
        if (flipped == 0 and probes[earlier] >= 1) or (flipped == 1 and probes[earlier] >= 17):
            return True
        if flipped == 2 and probes[earlier] >= 137:
            return True
    return False


@njit(cache=True, nogil=True)
def _candidates(starts: NDArray[np.int64], code: Words, masks: Keys, probes: NDArray[np.int64]) -> int:
    """How many rows lie in the buckets that a query would visit."""
    count = 0
    for part in range(len(probes)):
        own = _part(code, part)
        for probe in range(probes[part]):
            key = own ^ masks[probe]
            count += starts[part, key + 1] - starts[part, key]
    return count


@njit(cache=True, nogil=True)
def _with(found: NDArray[np.int64], count: int, row: int) -> NDArray[np.int64]:
    """``found`` with a row at place ``count``, in an array of twice the size if there is no room."""
    if count == len(found):
        larger = np.empty(2 * count, np.int64)
        for place in range(count):  # a slice takes numba two seconds to compile, with the text of its errors
            larger[place] = found[place]
        found = larger
    found[count] = row
    return found
