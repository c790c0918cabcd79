"""What it would have taken to find a row: the effort that recall is tuned by."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.bits import CODE_BITS, CODE_WORDS, SKETCH_BITS, SKETCH_WORDS
from lookalike.kernels.buckets import Tables
from lookalike.kernels.patterns import LEVELS, difference, margins_of, pattern_of
from lookalike.kernels.probes import count_within, fill_subsets, keys_within, own_key, room_for


@njit(cache=True, nogil=True)
def reaches(margins: NDArray[np.float32], row_margins: NDArray[np.float32]) -> NDArray[np.float32]:
    """The reach at which a query visits a bucket that holds a row.

    Args:
        margins: (q, tables, bits) float32, the queries'.
        row_margins: (q, r, tables, bits) float32, of r rows for each query.

    Returns:
        (q, r) float32, the least over the tables.
    """
    found = np.empty(row_margins.shape[:2], np.float32)
    for query in range(len(margins)):
        for row in range(row_margins.shape[1]):
            least = np.float32(np.inf)
            for table in range(margins.shape[1]):
                # In two halves, as probes adds costs up, lest they differ in the last digit.
                lower = upper = np.float32(0)
                for bit in range(margins.shape[2]):
                    margin = margins[query, table, bit]
                    if (margin > 0) != (row_margins[query, row, table, bit] > 0):
                        if bit < margins.shape[2] // 2:
                            lower += margin * margin
                        else:
                            upper += margin * margin
                least = min(least, lower + upper)
            found[query, row] = least
    return found


@njit(cache=True, nogil=True)
def offer(
    scores: NDArray[np.floating],
    first: int,
    own: NDArray[np.int64],
    nearest: NDArray[np.int64],
    nearest_scores: NDArray[np.float32],
) -> None:
    """Let some rows into the nearest that each query has met so far.

    Args:
        scores: (q, n) float32 or float64, infinite for rows that do not count.
        first: the number of the first of these rows; the others follow it.
        own: (q,) int64, for each query a row that does not count.
        nearest: (q, k) int64, a full heap for each query: see ``heap``.
        nearest_scores: (q, k) float32, its scores.
    """
    size = nearest.shape[1]
    for query in range(len(scores)):
        for column in range(scores.shape[1]):
            score = np.float32(scores[query, column])
            if score < nearest_scores[query, 0] and first + column != own[query]:
                heap.push(nearest_scores[query], nearest[query], size, score, np.int64(first + column))


@njit(cache=True, nogil=True)
def ranks(
    sketches: NDArray[np.uint64],
    row_sketches: NDArray[np.uint64],
    queries: NDArray[np.float32],
    code_margins: NDArray[np.float32],
    centre: NDArray[np.float32],
    signs: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where rows stand among all rows, by their codes and by their sketches.

    Sketches are ranked among those rows only whose codes are as good as the worst of the rows asked for: the
    others would hardly have come so far.

    Args:
        sketches: (n, 8) uint64, of all rows.
        row_sketches: (q, r, 8) uint64, of r rows for each query.
        queries: (q, dim) float32.
        code_margins: (q, 128) float32.
        centre: see ``patterns.margins_of``.
        signs: see ``patterns.margins_of``.

    Returns:
        ``(by code, by sketch)``, both (q, r) int64: the fewest rows to keep so that this one is kept.
    """
    asked = row_sketches.shape[1]
    by_code = np.empty((len(queries), asked), np.int64)
    by_sketch = np.empty((len(queries), asked), np.int64)
    turned, spare = np.empty(signs.shape[1], np.float32), np.empty(signs.shape[1], np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    codes, wholes = np.empty(LEVELS * CODE_BITS + 1, np.int64), np.empty(LEVELS * SKETCH_BITS + 1, np.int64)
    for query in range(len(queries)):
        margins_of(queries[query], centre, code_margins[query], signs, turned, spare)
        pattern_of(turned, pattern)
        codes[:] = 0
        wholes[:] = 0
        worst = np.uint64(0)
        for row in range(asked):
            worst = max(worst, difference(row_sketches[query], row, pattern, CODE_WORDS))
        for row in range(len(sketches)):
            score = difference(sketches, row, pattern, CODE_WORDS)
            codes[score] += 1
            if score <= worst:
                wholes[difference(sketches, row, pattern, SKETCH_WORDS)] += 1
        for row in range(asked):
            code = difference(row_sketches[query], row, pattern, CODE_WORDS)
            whole = difference(row_sketches[query], row, pattern, SKETCH_WORDS)
            by_code[query, row] = codes[:code].sum() + 1
            by_sketch[query, row] = wholes[:whole].sum() + 1
    return by_code, by_sketch


@njit(cache=True, nogil=True)
def visits(
    tables: Tables, margins: NDArray[np.float32], wanted: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What lies within a reach.

    Args:
        tables: the hash tables.
        margins: (q, tables, bits) float32.
        wanted: (r,) float32, reaches.

    Returns:
        ``(buckets, codes)``, both (r,) float64: means over the queries.
    """
    queries, count, bits = margins.shape
    lower, upper = room_for(count, bits // 2), room_for(count, bits - bits // 2)
    keys = np.empty(1 << bits, np.uint32)
    buckets, codes = np.zeros(len(wanted)), np.zeros(len(wanted))
    for query in range(queries):
        fill_subsets(margins[query], 0, bits // 2, lower)
        fill_subsets(margins[query], bits // 2, bits, upper)
        for place in range(len(wanted)):
            buckets[place] += count_within(lower, upper, wanted[place])
            for table in range(count):
                own = own_key(margins[query, table])
                for key in keys[: keys_within(own, lower, upper, table, wanted[place], keys)]:
                    codes[place] += tables.starts[table, key + 1] - tables.starts[table, key]
    return buckets / queries, codes / queries
