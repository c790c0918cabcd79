"""The stages of the funnel: codes, sketches, vectors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.bits import CODE_BITS, CODE_WORDS, SKETCH_BITS, SKETCH_WORDS
from lookalike.kernels.buckets import Tables
from lookalike.kernels.distances import distance
from lookalike.kernels.patterns import LEVELS, difference, word_difference
from lookalike.kernels.prefetch import prefetch

_SAMPLED = 2048  # scores that suffice to place a border among any number of them, …
_WITHIN = 24  # … if at least so many lie within it
_NOWHERE = np.iinfo(np.uint16).max
_AHEAD = 2  # vectors, and below buckets, to ask for before they are needed
_BUCKETS_AHEAD = 4
_NEAR = 1 << 17  # so many codes lie near enough to a core to need no asking
_LINE = 16  # float32 values in a line of cache
_WORDS_IN_LINE = 8


class Stored(NamedTuple):
    """The rows that can be found: a first part, and a later one whose rows are numbered after it.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32.
        alive: (n,) bool; rows marked False are passed over.
        later_ids: (m,) int64.
        later_vectors: (m, dim) float32.
        later_alive: (m,) bool.
        fresh: (f, 8) uint64, sketches of the last f rows; the tables know nothing of them.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    alive: NDArray[np.bool_]
    later_ids: NDArray[np.int64]
    later_vectors: NDArray[np.float32]
    later_alive: NDArray[np.bool_]
    fresh: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def pass_codes(
    tables: Tables,
    stored: Stored,
    pattern: NDArray[np.uint64],
    keep: int,
    keys: NDArray[np.uint32],
    ends: NDArray[np.int64],
    minima: NDArray[np.uint16],
    scores: NDArray[np.uint16],
    slots: NDArray[np.int32],
) -> tuple[int, int]:
    """The first stage: compare codes.

    Args:
        tables: the hash tables.
        stored: the rows.
        pattern: the query's.
        keep: about how many rows to keep.
        keys: of the buckets to visit.
        ends: where the keys of each table end.
        minima: room for a score a bucket.
        scores: (rows met,) uint16, scratch.
        slots: (at least as many,) int32, filled with the slots that pass.

    Returns:
        ``(kept, hashed)``: how many slots pass; how many of them are in the tables, which come first.
    """
    done = start = 0
    for table in range(len(ends)):
        done = _score_codes(
            tables.codes[table], tables.starts[table], keys[start : ends[table]], pattern, scores, done,
            minima[start:],
        )  # fmt: skip
        start = ends[table]
    for row in range(len(stored.fresh)):
        scores[done + row] = difference(stored.fresh, row, pattern, CODE_WORDS)
    # The same row may be met in every table.
    border = _border(scores, keep * len(ends), LEVELS * CODE_BITS, _SAMPLED)
    kept = done = start = 0
    for table in range(len(ends)):
        before = kept
        kept, done = _keep_codes(
            tables.starts[table], keys[start : ends[table]], minima[start:], scores, done, border, slots, kept
        )
        start = ends[table]
        if table > 0:
            for candidate in range(before, kept):
                slots[candidate] = tables.slots[table - 1, slots[candidate]]
    hashed = kept = _distinct(slots, kept) if len(ends) > 1 else kept
    for row in range(len(stored.fresh)):
        slots[kept] = len(tables.rows) + row
        kept += int(scores[done + row] <= border)
    return kept, hashed


@njit(cache=True, nogil=True)
def pass_sketches(
    tables: Tables,
    stored: Stored,
    pattern: NDArray[np.uint64],
    slots: NDArray[np.int32],
    hashed: int,
    kept: int,
    scores: NDArray[np.uint16],
) -> int:
    """The second stage: drop the dead and compare whole sketches of the others.

    Args:
        tables: the hash tables.
        stored: the rows.
        pattern: the query's.
        slots: of the rows to compare; those of the living are moved to the front.
        hashed: how many of them, from the first on, are in the tables.
        kept: how many there are.
        scores: filled for the living.

    Returns:
        How many are alive.
    """
    for place in range(hashed):
        prefetch(tables.sketches, slots[place], 0)
    living = _living(stored, tables.rows, slots, 0, hashed, 0)
    for place in range(living):
        scores[place] = difference(tables.sketches, slots[place], pattern, SKETCH_WORDS)
    all_living = _living(stored, tables.rows, slots, hashed, kept, living)
    for place in range(living, all_living):
        scores[place] = difference(stored.fresh, slots[place] - len(tables.rows), pattern, SKETCH_WORDS)
    return all_living


@njit(cache=True, nogil=True)
def pass_vectors(
    tables: Tables,
    stored: Stored,
    keep: int,
    query: NDArray[np.float32],
    metric: int,
    power: float,
    slots: NDArray[np.int32],
    scores: NDArray[np.uint16],
    ids: NDArray[np.int64],
    distances: NDArray[np.float32],
) -> int:
    """The last stage: compare the vectors of the ``keep`` best; how many were compared comes back."""
    first = len(stored.ids)
    border = _border(scores, keep, LEVELS * SKETCH_BITS, len(scores))
    compared = 0
    for place in range(len(slots)):
        if scores[place] <= border:
            slots[compared] = _row_of(stored, tables.rows, slots[place])
            compared += 1
    rows = slots[:compared]
    size = 0
    for place in range(-_AHEAD, compared):
        if place + _AHEAD < compared:
            _prefetch_vector(stored, rows[place + _AHEAD])
        if place >= 0:
            row = rows[place]
            if row < first:
                id_ = stored.ids[row]
                far = distance(metric, power, query, stored.vectors, row)
            else:
                id_ = stored.later_ids[row - first]
                far = distance(metric, power, query, stored.later_vectors, row - first)
            size = heap.push(distances, ids, size, np.float32(far), id_)
    heap.sort(distances, ids, size)
    return compared


@njit(cache=True, nogil=True)
def _score_codes(
    codes: NDArray[np.uint64],
    starts: NDArray[np.int64],
    keys: NDArray[np.uint32],
    pattern: NDArray[np.uint64],
    scores: NDArray[np.uint16],
    done: int,
    minima: NDArray[np.uint16],
) -> int:
    """Compare all codes of some buckets with a query; scores go on from ``done``; the new end comes back."""
    sign, other_sign = pattern[0, 0], pattern[0, 1]
    first, other_first = pattern[1, 0], pattern[1, 1]
    second, other_second = pattern[2, 0], pattern[2, 1]
    third, other_third = pattern[3, 0], pattern[3, 1]
    far = codes.shape[1] > _NEAR
    for probe in range(len(keys)):
        if far and probe + _BUCKETS_AHEAD < len(keys):
            coming = keys[probe + _BUCKETS_AHEAD]
            for place in range(starts[coming], starts[coming + 1], _WORDS_IN_LINE):
                prefetch(codes, 0, place)
                prefetch(codes, 1, place)
        start, stop = starts[keys[probe]], starts[keys[probe] + 1]
        words, others, into = codes[0, start:stop], codes[1, start:stop], scores[done:]
        least = np.uint16(_NOWHERE)
        for place in range(stop - start):
            score = np.uint16(
                word_difference(words[place], sign, first, second, third)
                + word_difference(others[place], other_sign, other_first, other_second, other_third)
            )
            into[place] = score
            least = min(least, score)
        minima[probe] = least
        done += stop - start
    return done


@njit(cache=True, nogil=True)
def _keep_codes(
    starts: NDArray[np.int64],
    keys: NDArray[np.uint32],
    minima: NDArray[np.uint16],
    scores: NDArray[np.uint16],
    done: int,
    border: int,
    places: NDArray[np.int32],
    kept: int,
) -> tuple[int, int]:
    """Gather the places whose scores are within the border; ``(kept, done)`` go on from where they were."""
    for probe in range(len(keys)):
        start, stop = starts[keys[probe]], starts[keys[probe] + 1]
        if minima[probe] <= border:
            of_bucket = scores[done:]
            for place in range(stop - start):
                places[kept] = start + place
                kept += int(of_bucket[place] <= border)  # no branch to mispredict
        done += stop - start
    return kept, done


@njit(cache=True, nogil=True)
def _border(scores: NDArray[np.uint16], keep: int, largest: int, sampled: int) -> int:
    """The score up to which ``keep`` of the scores lie, or about so many where only a sample is looked at."""
    if keep >= len(scores):
        return largest
    histogram = np.zeros(largest + 1, np.int32)
    step = max(1, min(len(scores) // sampled, keep // _WITHIN))
    for place in range(0, len(scores), step):
        histogram[scores[place]] += 1
    border, within = 0, histogram[0] * step
    while within < keep and border < largest:
        border += 1
        within += histogram[border] * step
    return border


@njit(cache=True, nogil=True)
def _distinct(slots: NDArray[np.int32], count: int) -> int:
    """Leave each slot once, for it may have been met in several tables; how many remain comes back."""
    slots[:count].sort()
    distinct = 0
    for place in range(count):
        if place == 0 or slots[place] != slots[place - 1]:
            slots[distinct] = slots[place]
            distinct += 1
    return distinct


@njit(cache=True, nogil=True)
def _row_of(stored: Stored, rows: NDArray[np.int32], slot: int) -> int:
    """The row in a slot; the fresh rows have the slots after those in the tables."""
    if slot < len(rows):
        return int(rows[slot])
    return len(stored.ids) + len(stored.later_ids) - len(stored.fresh) + slot - len(rows)


@njit(cache=True, nogil=True)
def _living(
    stored: Stored, rows: NDArray[np.int32], slots: NDArray[np.int32], start: int, stop: int, into: int
) -> int:
    """Move those slots from ``start`` to ``stop`` whose rows are alive to ``into``; the end comes back."""
    first = len(stored.ids)
    for place in range(start, stop):
        row = _row_of(stored, rows, slots[place])
        alive = stored.alive[row] if row < first else stored.later_alive[row - first]
        slots[into] = slots[place]
        into += int(alive)
    return into


@njit(cache=True, nogil=True)
def _prefetch_vector(stored: Stored, row: int) -> None:
    first = len(stored.ids)
    for column in range(0, stored.vectors.shape[1], _LINE):
        if row < first:
            prefetch(stored.vectors, row, column)
        else:
            prefetch(stored.later_vectors, row - first, column)
