"""What a search needs to find a given row: its bucket's reach, and its rank among codes and sketches.

An index measures these needs for the true neighbours of some of its own rows, and reads from them which
effort reaches which recall; see ``index.tuning``.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.bits import CODE_BITS, CODE_WORDS, SKETCH_BITS, SKETCH_WORDS
from lookalike.kernels.costs import cost_of, costs_of, count_within, keys_within, room_for
from lookalike.kernels.gaps import NEAR_COPY
from lookalike.kernels.patterns import LEVELS, Rotation, difference, margins_of, pattern_of
from lookalike.kernels.sketches import sketch_difference
from lookalike.kernels.tables import Tables


@njit(cache=True, nogil=True)
def reaches(borders: NDArray[np.float32], keys: NDArray[np.uint32], buckets: int) -> NDArray[np.float32]:
    """Find the smallest reach at which a query visits a bucket that holds a row.

    Args:
        borders: (q, tables, bits or cells) float32, of the queries; see ``costs``.
        keys: (tables, q, r) uint32, of r rows for each query.
        buckets: how many buckets each table has.

    Returns:
        (q, r) float32, the smallest reach over all tables.
    """
    tables, queries, rows = keys.shape
    found = np.empty((queries, rows), np.float32)
    for query in range(queries):
        for row in range(rows):
            least = np.float32(np.inf)
            for table in range(tables):
                least = min(least, cost_of(borders[query, table], buckets, keys[table, query, row]))
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
    """Update the k nearest rows that each query has met so far by some more rows.

    Args:
        scores: (q, n) float32 or float64, of n rows for each query; infinite for rows that do not count.
        first: the number of the first of these rows; the others follow it.
        own: (q,) int64, the row that each query was taken from, which does not count.
        nearest: (q, k) int64, numbers of rows, a full heap per query (see ``heap``); updated.
        nearest_scores: (q, k) float32, their scores; updated.
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
    rotation: Rotation,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rank rows among all rows, by their codes and by their sketches, as queries see them.

    Sketches are ranked only among the rows whose codes are as good as the worst code of the rows asked for:
    a search that finds these rows hardly compares the sketches of any others.

    Args:
        sketches: (n, 8) uint64, of all rows.
        row_sketches: (q, r, 8) uint64, of r rows for each query.
        queries: (q, dim) float32.
        code_margins: (q, 128) float32, the queries' margins against the hyperplanes of the code.
        rotation: the one that the sketches were made with.

    Returns:
        ``(by code, by sketch, copies)``: (q, r) int64, how many rows the first stage has to keep to keep
        this one, and likewise the second; (q,) int64, how many of the rows whose sketches are ranked are near
        copies of the query (``gaps.NEAR_COPY``).
    """
    asked = row_sketches.shape[1]
    by_code = np.empty((len(queries), asked), np.int64)
    by_sketch, copies = np.empty((len(queries), asked), np.int64), np.empty(len(queries), np.int64)
    size = rotation.signs.shape[1]
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    codes, wholes = np.empty(LEVELS * CODE_BITS + 1, np.int64), np.empty(LEVELS * SKETCH_BITS + 1, np.int64)
    for query in range(len(queries)):
        margins_of(queries[query], rotation, code_margins[query], turned, spare)
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
                wholes[sketch_difference(sketches, row, pattern)] += 1
        copies[query] = wholes[: NEAR_COPY + 1].sum()
        for row in range(asked):
            code = difference(row_sketches[query], row, pattern, CODE_WORDS)
            whole = sketch_difference(row_sketches[query], row, pattern)
            by_code[query, row] = codes[:code].sum() + 1
            by_sketch[query, row] = wholes[:whole].sum() + 1
    return by_code, by_sketch, copies


@njit(cache=True, nogil=True)
def visits(
    tables: Tables, borders: NDArray[np.float32], wanted: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the buckets, and the codes in them, that queries visit within some reaches.

    Args:
        tables: the hash tables.
        borders: (q, tables, bits or cells) float32, of the queries; see ``costs``.
        wanted: (r,) float32, reaches.

    Returns:
        ``(buckets, codes)``, both (r,) float64: for each reach the mean numbers over the queries.
    """
    queries, size = len(borders), tables.starts.shape[1] - 1
    lower, upper = room_for(borders, size)
    keys = np.empty(size, np.uint32)
    buckets, codes = np.zeros(len(wanted)), np.zeros(len(wanted))
    for query in range(queries):
        costs = costs_of(borders[query], size, lower, upper)
        for place in range(len(wanted)):
            buckets[place] += count_within(costs, wanted[place])
            for table in range(len(tables.starts)):
                for key in keys[: keys_within(costs, table, wanted[place], keys)]:
                    codes[place] += tables.starts[table, key + 1] - tables.starts[table, key]
    return buckets / queries, codes / queries
