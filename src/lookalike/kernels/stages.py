"""The three stages of the funnel: comparing codes, then sketches, then vectors.

Each stage takes the *slots* of some rows and passes on the best of them. The slot of a row in the tables is
its place in the first table (see ``tables.Tables``). Rows that were added later, and so are in no table, have
the slots after those.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.answers import Answers
from lookalike.kernels.bits import CODE_BITS, CODE_BYTES, SKETCH_BITS
from lookalike.kernels.borders import border_of
from lookalike.kernels.distances import Ranking, distance
from lookalike.kernels.halves import distance_of
from lookalike.kernels.lookups import LANES, lookups_of, score_bucket
from lookalike.kernels.passing import lowest, passing
from lookalike.kernels.patterns import LEVELS
from lookalike.kernels.prefetch import prefetch
from lookalike.kernels.sketches import sketch_difference
from lookalike.kernels.slots import distinct, keep_fresh
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables

_HIGHEST = np.iinfo(np.uint16).max  # of all scores
_SAMPLED = 2048  # scores that suffice to place a border among any number of them
_AHEAD = 3  # vectors to ask memory for before they are needed
BUCKETS_AHEAD = 4  # likewise buckets
_BYTES_IN_LINE = 64


class Visits(NamedTuple):
    """The buckets that a query visits.

    Attributes:
        keys: (v or more,) uint32, the keys of the buckets, table after table.
        ends: (tables,) int64; the keys of table t end before ends[t].
        minima: uint16, scratch: the best score of each 32 codes of a bucket, or of the rest of them. So it
            has room for v places and one more for every 32 rows met.
    """

    keys: NDArray[np.uint32]
    ends: NDArray[np.int64]
    minima: NDArray[np.uint16]


class Met(NamedTuple):
    """The rows that a query has met, and how far from it they seem.

    Attributes:
        scores: (n,) uint16; see ``patterns.difference``. The first stage needs room for 31 more.
        slots: (n or more,) int32.
        distances: (n or more,) float32, filled by the last stage.
    """

    scores: NDArray[np.uint16]
    slots: NDArray[np.int32]
    distances: NDArray[np.float32]


@njit(cache=True, nogil=True)
def pass_codes(
    tables: Tables,
    stored: Stored,
    pattern: NDArray[np.uint64],
    keep: int,
    visits: Visits,
    met: Met,
    least: int,
) -> tuple[int, int, int]:
    """Run the first stage: compare the codes in the visited buckets, and those of all fresh rows.

    The hyperplanes of the code are made for the rows of the tables, and hardly tell apart fresh rows of
    another kind. A query near those sees many of their codes score as well as the best in the tables. Then
    all fresh rows pass, and their whole sketches tell.

    Args:
        tables: the hash tables.
        stored: the rows.
        pattern: (4, 8) uint64, the query's; see ``patterns.pattern_of``.
        keep: about how many rows of the tables to keep. Rows as good as the last of them, also fresh ones,
            are kept as well.
        visits: the buckets to visit.
        met: room for as many rows as there are in the visited buckets plus fresh rows, and in ``scores`` for
            31 more; both arrays are filled, ``slots`` with those that pass.
        least: rows up to this score pass, even if they are more.

    Returns:
        ``(kept, hashed, beyond)``: how many slots pass; how many of those, which come first, are in the
        tables; and the first score that does not pass.
    """
    done = start = block = 0
    lookups = np.empty((2 * CODE_BYTES, LANES), np.uint8)
    lookups_of(pattern, lookups)
    for table in range(len(visits.ends)):
        keys = visits.keys[start : visits.ends[table]]
        scored, blocks = score_codes(tables, table, keys, lookups, met.scores[done:], visits.minima[block:])
        done += scored
        block += blocks
        start = visits.ends[table]
    # The same row may be met in every table.
    border, beyond = border_of(
        met.scores[:done], keep * len(visits.ends), LEVELS * CODE_BITS, int(np.int64(_SAMPLED)), least
    )
    kept = done = start = block = int(np.int64(0))  # numba compiles a function anew for a plain 0
    for table in range(len(visits.ends)):
        keys, slots = visits.keys[start : visits.ends[table]], met.slots[kept:]
        more, scored, blocks = keep_codes(
            tables, table, keys, visits.minima[block:], met.scores[done:], border, slots
        )
        if table > 0:
            for candidate in range(more):
                slots[candidate] = tables.slots[table - 1, slots[candidate]]
                prefetch(tables.sketches, slots[candidate], 0)
        kept += more
        done += scored
        block += blocks
        start = visits.ends[table]
    hashed = kept = distinct(met.slots, kept) if len(visits.ends) > 1 else kept
    return keep_fresh(stored.fresh, pattern, border, (hashed, len(tables.rows)), met.slots), hashed, beyond


@njit(cache=True, nogil=True)
def pass_sketches(
    tables: Tables, stored: Stored, pattern: NDArray[np.uint64], hashed: int, kept: int, met: Met
) -> int:
    """Run the second stage: drop the dead rows and compare the whole sketches of the others.

    Args:
        tables: the hash tables.
        stored: the rows.
        pattern: (4, 8) uint64, the query's.
        hashed: how many of the slots, from the first on, are in the tables.
        kept: how many slots there are.
        met: the slots of the rows to compare. Those of living rows are moved to the front, and their scores
            are filled in.

    Returns:
        How many of the rows are alive.
    """
    none = int(np.int64(0))  # numba compiles a function anew for a plain 0
    living = _living(stored, tables.rows, met.slots, none, hashed, none)
    for place in range(living):
        met.scores[place] = sketch_difference(tables.sketches, met.slots[place], pattern)
    all_living = _living(stored, tables.rows, met.slots, hashed, kept, living)
    for place in range(living, all_living):
        row = met.slots[place] - len(tables.rows)
        met.scores[place] = sketch_difference(stored.fresh, row, pattern)
    return all_living


@njit(cache=True, nogil=True)
def keep_sketches(keep: int, met: Met, least: int) -> tuple[int, int]:
    """Choose the rows whose vectors the last stage compares.

    Args:
        keep: how many rows to choose. Rows as good as the last of them are chosen as well.
        met: living rows, as many slots as scores. Those chosen are moved to the front.
        least: rows up to this score are chosen, even if they are more.

    Returns:
        ``(kept, beyond)``: how many were chosen, and the first score that was not.
    """
    border, beyond = border_of(met.scores, keep, LEVELS * SKETCH_BITS, len(met.scores), least)
    kept = 0
    for place in range(len(met.scores)):
        if met.scores[place] <= border:
            met.slots[kept], met.scores[kept] = met.slots[place], met.scores[place]
            kept += 1
    return kept, beyond


@njit(cache=True, nogil=True)
def pass_vectors(
    tables: Tables,
    stored: Stored,
    query: NDArray[np.float32],
    ranking: Ranking,
    met: Met,
    answers: Answers,
) -> None:
    """Run the last stage: measure the distances of rows, and answer with the nearest.

    Args:
        tables: the hash tables.
        stored: the rows.
        query: (dim,) float32.
        ranking: how to measure distance.
        met: the rows to measure, as many slots as distances; the distances are filled in.
        answers: of one query; ids and distances are filled.
    """
    first, count = len(stored.ids), len(met.distances)
    size = int(np.int64(0))  # numba compiles a function anew for a plain 0
    widened, wide = query.astype(np.float64), np.empty((1, len(query)), np.float32)
    for place in range(-_AHEAD, count):
        if place + _AHEAD < count:
            row = _row_of(stored, tables.rows, met.slots[place + _AHEAD])
            _prefetch_vector(stored, row)
            if row < first:
                prefetch(stored.ids, row, 0)
        if place >= 0:
            row = _row_of(stored, tables.rows, met.slots[place])
            if row < first:
                id_ = stored.ids[row]
                far = distance_of(ranking, widened, stored.vectors, stored.halves, row, wide)
            else:
                id_ = stored.later_ids[row - first]
                far = distance(ranking, widened, stored.later_vectors, row - first)
            met.distances[place] = np.float32(far)
            size = heap.push(answers.distances, answers.ids, size, np.float32(far), id_)
    heap.sort(answers.distances, answers.ids, size)


@njit(cache=True, nogil=True)
def ask_for_codes(tables: Tables, table: int, key: np.uint32) -> None:
    """Ask memory for the codes of a bucket of one table."""
    starts = tables.starts[table]
    for place in range(CODE_BYTES * starts[key], CODE_BYTES * starts[key + 1], _BYTES_IN_LINE):
        prefetch(tables.codes, table, place)


@njit(cache=True, nogil=True)
def score_codes(
    tables: Tables,
    table: int,
    keys: NDArray[np.uint32],
    lookups: NDArray[np.uint8],
    scores: NDArray[np.uint16],
    minima: NDArray[np.uint16],
) -> tuple[int, int]:
    """Compare a query with all codes in some buckets of one table.

    Memory must have been asked for the codes of the first ``BUCKETS_AHEAD`` buckets, or they come late.

    Args:
        tables: the hash tables.
        table: the number of the table.
        keys: (v,) uint32, of the buckets.
        lookups: (32, 32) uint8, the query's; see ``lookups.lookups_of``.
        scores: uint16, filled from the first on, bucket after bucket.
        minima: uint16, likewise; see ``Visits``.

    Returns:
        ``(done, block)``: how many scores and how many minima were filled.
    """
    done = block = 0
    codes, starts = tables.codes[table], tables.starts[table]
    for probe in range(len(keys)):
        if probe + BUCKETS_AHEAD < len(keys):
            ask_for_codes(tables, table, keys[probe + BUCKETS_AHEAD])
        start = starts[keys[probe]]
        size = starts[keys[probe] + 1] - start
        block = score_bucket(codes, (CODE_BYTES * start, size), lookups, scores, minima, (done, block))
        done += size
    return done, block


@njit(cache=True, nogil=True)
def keep_codes(
    tables: Tables,
    table: int,
    keys: NDArray[np.uint32],
    minima: NDArray[np.uint16],
    scores: NDArray[np.uint16],
    border: int,
    places: NDArray[np.int32],
) -> tuple[int, int, int]:
    """Gather the places, in one table, whose scores are within the border; see ``score_codes``.

    In the first table these places are slots. Memory is asked for their sketches at once, since most of them
    are far away, and are needed next.

    Returns:
        ``(kept, done, block)``: how many places were gathered; out of how many; and how many minima there are
        of those.
    """
    kept = done = block = 0
    starts, one = tables.starts[table], np.uint64(1)
    border = min(border, _HIGHEST)
    for probe in range(len(keys)):
        start = starts[keys[probe]]
        size = starts[keys[probe] + 1] - start
        for first in range(0, size, LANES):
            if minima[block] <= border:
                those = passing(scores, done + first, border)
                if size - first < LANES:
                    those &= (one << np.uint64(size - first)) - one
                while those != 0:
                    place = start + first + lowest(those)
                    those &= those - one
                    places[kept] = place
                    kept += 1
                    if table == 0:
                        prefetch(tables.sketches, place, 0)
            block += 1
        done += size
    return kept, done, block


@njit(cache=True, nogil=True)
def _row_of(stored: Stored, rows: NDArray[np.int32], slot: int) -> int:
    """Look up the number of the row in a slot; ``rows`` is that of the tables."""
    if slot < len(rows):
        return int(rows[slot])
    return len(stored.ids) + len(stored.later_ids) - len(stored.fresh) + slot - len(rows)


@njit(cache=True, nogil=True)
def _living(
    stored: Stored, rows: NDArray[np.int32], slots: NDArray[np.int32], start: int, stop: int, into: int
) -> int:
    """Move the slots of living rows among ``start``:``stop`` to ``into`` and after; return where they end."""
    if start == into and len(stored.alive) + len(stored.later_alive) == 0:
        return stop
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
    if row < len(stored.halves):
        for column in range(0, stored.halves.shape[1], _BYTES_IN_LINE // stored.halves.itemsize):
            prefetch(stored.halves, row, column)
    elif row < first:
        for column in range(0, stored.vectors.shape[1], _BYTES_IN_LINE // stored.vectors.itemsize):
            prefetch(stored.vectors, row, column)
    else:
        for column in range(
            0, stored.later_vectors.shape[1], _BYTES_IN_LINE // stored.later_vectors.itemsize
        ):
            prefetch(stored.later_vectors, row - first, column)
