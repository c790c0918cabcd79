"""From queries to their nearest rows, in one compiled function: buckets, codes, sketches, distances.

Each stage reads fewer and larger things than the one before. The first compares the 128-bit codes of all rows
in the visited buckets, which lie in the order of the buckets and are read straight through. The second
compares the whole sketches of the best of those, one line of cache per row. The last measures the distances
of the best of these. A histogram of the scores decides what a stage keeps, so nothing is sorted before the
last few rows. Rows that are in no table yet lie in no bucket: the first stage compares all their codes.

A query whose answer is probably not complete enough is searched for again at once, with borders that its own
gaps tell (``gaps.wider``). Of rows that score alike, as in a knot of near copies, so many more pass.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.answers import Answers
from lookalike.kernels.arrays import frozen
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.costs import Costs, costs_of, room_for
from lookalike.kernels.distances import Ranking
from lookalike.kernels.gaps import (
    NEAR_COPY,
    STAGES,
    Passed,
    Wider,
    gaps_of,
    recall_of,
    square_from,
    square_of,
    wider,
)
from lookalike.kernels.lookups import LANES
from lookalike.kernels.patterns import Rotation, margins_of, pattern_of
from lookalike.kernels.stages import (
    BUCKETS_AHEAD,
    Met,
    Visits,
    ask_for_codes,
    keep_sketches,
    pass_codes,
    pass_sketches,
    pass_vectors,
)
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables
from lookalike.kernels.visits import in_order_of_buckets, visit

_LOOKS = 3  # at most, for one query
_MORE_SKETCHES = 4  # times as many pass if the code of a query tells little
_ANY_NUMBER = np.iinfo(np.int32).max
NO_WEIGHTS = frozen(np.full((2, STAGES), np.nan, np.float32))


class Effort(NamedTuple):
    """How much work a search does for each query.

    Attributes:
        reach: the most that a visited bucket may cost; widened until at least ``codes`` rows were met.
        probes: how many buckets to visit instead; 0 to go by the reach.
        codes: about how many rows pass the first stage, the comparison of codes.
        sketches: about how many rows pass the second stage, the comparison of sketches.
        most_sketches: how many sketches are compared at most. Of rows that score alike all pass a stage or
            none, so a query can meet far more than it should; then its answer is left empty.
        most_vectors: likewise how many vectors.
        weights: (2, 3) float32, by which to estimate how complete the answers are; see ``gaps.recall_of``. No
            numbers if nothing is to be said of that.
        farthest: the largest sum of squared margins of the code with which the estimate holds. It is 0 for
            queries beyond, which lie far outside of the rows.
        share: the least share of a query's square that its code must hold (the sum of its squared margins, of
            the squared distance from the centre of the rows). The code of one with less tells little: all
            codes in its buckets pass, and four times as many sketches.
        enough: the estimate from which on an answer is good enough; 0 if all are. One that never is, however
            its search is widened, is left empty.
        aim: the estimate for which a search is widened. A first answer has to reach it if the code of the
            query tells little, or if near copies of the query did not pass: all such queries find little, so
            no better answers make up for theirs.
    """

    reach: float
    probes: int
    codes: int
    sketches: int
    most_sketches: int = _ANY_NUMBER
    most_vectors: int = _ANY_NUMBER
    weights: NDArray[np.float32] = NO_WEIGHTS
    farthest: float = np.inf
    share: float = 0.0
    enough: float = 0.0
    aim: float = 0.0


class _Room(NamedTuple):
    """Arrays that are made anew when a query needs more: see ``stages.Visits`` and ``stages.Met``."""

    keys: NDArray[np.uint32]
    ends: NDArray[np.int64]
    minima: NDArray[np.uint16]
    scores: NDArray[np.uint16]
    slots: NDArray[np.int32]
    distances: NDArray[np.float32]


class _Look(NamedTuple):
    """How far one look for a query's neighbours goes.

    Attributes:
        visited: how many buckets it visits.
        met: how many rows lie in these or are fresh.
        reach: see ``gaps.Passed``.
        codes: about how many rows pass the first stage; this and the next three as those of ``Effort``.
        sketches: see there.
        most_sketches: see there.
        most_vectors: see there.
        least: what the borders are at least.
    """

    visited: int
    met: int
    reach: np.float32
    codes: int
    sketches: int
    most_sketches: int
    most_vectors: int
    least: Wider


class Queries(NamedTuple):
    """Vectors whose nearest rows are wanted.

    Attributes:
        vectors: (q, dim) float32.
        borders: (q, tables, bits or cells) float32, which tell what buckets cost; see ``costs``.
        codes: (q, 128) float32, their margins against the hyperplanes of the code.
    """

    vectors: NDArray[np.float32]
    borders: NDArray[np.float32]
    codes: NDArray[np.float32]


def search(
    tables: Tables,
    stored: Stored,
    effort: Effort,
    queries: Queries,
    rotation: Rotation,
    ranking: Ranking,
    answers: Answers,
) -> tuple[int, int, int, int]:
    """Find the nearest rows to each query.

    Args:
        tables: the hash tables.
        stored: the rows.
        effort: how far to go.
        queries: what is asked for.
        rotation: the one that the sketches were made with.
        ranking: how to measure distance.
        answers: ids of -1, infinite distances and recalls that are no numbers; filled.

    Returns:
        ``(probes, codes, sketches, distances)``: buckets visited, codes, sketches and vectors compared, for
        all queries together.
    """
    # As plain tuples: to recognise the types of the named ones takes numba 8 µs, a twentieth of one query.
    named = (tables, stored, effort, queries, rotation, ranking, answers)
    return search_plain(*map(tuple, named))


@njit(cache=True, nogil=True, error_model="numpy")
def search_plain(
    plain_tables: tuple[Any, ...],
    plain_stored: tuple[Any, ...],
    plain_effort: tuple[Any, ...],
    plain_queries: tuple[Any, ...],
    plain_rotation: tuple[Any, ...],
    plain_ranking: tuple[Any, ...],
    plain_answers: tuple[Any, ...],
) -> tuple[int, int, int, int]:
    """Run ``search`` on the plain tuples of its arguments."""
    tables, stored, effort = Tables(*plain_tables), Stored(*plain_stored), Effort(*plain_effort)
    queries, rotation = Queries(*plain_queries), Rotation(*plain_rotation)
    ranking, answers = Ranking(*plain_ranking), Answers(*plain_answers)
    borders, size = queries.borders, rotation.signs.shape[1]
    buckets = tables.starts.shape[1] - 1
    lower, upper = room_for(borders, buckets)
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern, room = np.empty((4, SKETCH_WORDS), np.uint64), _no_room(len(tables.starts))
    probes = codes = sketches = vectors = 0
    for place in in_order_of_buckets(borders, buckets):
        query, margins = queries.vectors[place], queries.codes[place]
        costs = costs_of(borders[place], buckets, lower, upper)
        square = square_of(margins)
        told = square >= effort.share * square_from(query, rotation.centre)
        recall, gaps = answers.recall[place : place + 1], answers.gaps[place]
        answer = Answers(answers.ids[place], answers.distances[place], recall, gaps)
        least, needed = Wider(np.float32(effort.reach), 0, 0), effort.enough if told else effort.aim
        good = effort.enough == 0
        for turn in range(_LOOKS):
            how_far = least.reach, effort.probes, effort.codes
            room, visited, met, reach = _visit(tables, how_far, costs, room, len(stored.fresh))
            if turn == 0:  # the first codes come meanwhile
                margins_of(query, rotation, margins, turned, spare)
                pattern_of(turned, pattern)
            keep = effort.codes, effort.sketches, effort.most_sketches
            if not told:
                keep = _ANY_NUMBER, _MORE_SKETCHES * effort.sketches, _ANY_NUMBER
            look = _Look(visited, met, reach, *keep, effort.most_vectors, least)
            asked = query, pattern, ranking
            room, whole, counted, measured, passed = _look(tables, stored, asked, look, room, answer)
            probes, codes, sketches = probes + visited, codes + met, sketches + counted
            vectors += measured
            if not whole or np.isnan(effort.weights[0, 0]):
                break
            share = gaps_of(tables, stored, costs, pattern, passed, answer.distances, gaps)
            near = square <= effort.farthest
            recall[0] = recall_of(effort.weights, gaps, share) if near else 0
            if turn == 0 and passed.sketch <= NEAR_COPY:
                needed = effort.aim
            good = good or recall[0] >= needed
            if good or not near or measured < len(answer.ids):  # so few rows tell nothing of the others
                break
            least, needed = wider(effort.weights, effort.aim, gaps, passed), effort.enough
        if not good:
            answer.ids[:] = -1
    return probes, codes, sketches, vectors


@njit(cache=True, nogil=True)
def _no_room(tables: int) -> _Room:
    """Room for no query, in a number of tables."""
    keys, minima, scores = np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.uint16)
    slots, distances = np.empty(0, np.int32), np.empty(0, np.float32)
    return _Room(keys, np.empty(tables, np.int64), minima, scores, slots, distances)


@njit(cache=True, nogil=True)
def _visit(
    tables: Tables, how_far: tuple[np.float32, int, int], costs: Costs, room: _Room, fresh: int
) -> tuple[_Room, int, int, np.float32]:
    """Choose the buckets of one look, ask memory for the codes of the first, and make room for all.

    Args:
        tables: the hash tables.
        how_far: the reach, the buckets to visit instead, and how many rows must be met; see ``visit``.
        costs: what the buckets cost.
        room: what there is.
        fresh: how many rows are in no bucket.

    Returns:
        ``(room, visited, met, reach)``; see ``_Look``.
    """
    reach, wanted, rows = how_far
    keys, visited, met, reach = visit(tables, reach, wanted, rows, costs, room.keys, room.ends)
    for probe in range(min(room.ends[0], BUCKETS_AHEAD)):
        ask_for_codes(tables, 0, keys[probe])
    met += fresh
    minima, scores, slots = room.minima, room.scores, room.slots
    if visited + met // LANES > len(minima):
        minima = np.empty(len(keys) + met // LANES, np.uint16)
    if met + LANES > len(scores):
        scores, slots = np.empty(2 * met + LANES, np.uint16), np.empty(2 * met, np.int32)
    return _Room(keys, room.ends, minima, scores, slots, room.distances), visited, met, reach


@njit(cache=True, nogil=True)
def _look(
    tables: Tables,
    stored: Stored,
    asked: tuple[NDArray[np.float32], NDArray[np.uint64], Ranking],
    look: _Look,
    room: _Room,
    answer: Answers,
) -> tuple[_Room, bool, int, int, Passed]:
    """Run the three stages once.

    Args:
        tables: the hash tables.
        stored: the rows.
        asked: the query, (dim,) float32; its pattern; and how to measure distance.
        look: how far to go.
        room: enough of it, but for distances.
        answer: ids and distances are filled.

    Returns:
        ``(room, whole, sketches, vectors, passed)``: whether all stages were run, or else the answer is
        empty; how many sketches and vectors were compared; and what the answer was chosen from.
    """
    query, pattern, ranking = asked
    answer.ids[:], answer.distances[:] = -1, np.inf
    far = room.distances
    visits = Visits(room.keys, room.ends, room.minima)
    rows = Met(room.scores, room.slots, far)
    kept, hashed, code = pass_codes(tables, stored, pattern, look.codes, visits, rows, look.least.code)
    none = Passed(room.slots[:0], room.scores[:0], far[:0], look.reach, code, 0, False)
    all_fresh = kept - hashed == len(stored.fresh)
    if kept > look.most_sketches:
        return room, False, 0, 0, none
    living = pass_sketches(tables, stored, pattern, hashed, kept, rows)
    rows = Met(room.scores[:living], room.slots[:living], far)
    kept, sketch = keep_sketches(look.sketches, rows, look.least.sketch)
    if kept > look.most_vectors:
        return room, False, living, 0, none
    if kept > len(far):
        far = np.empty(2 * kept, np.float32)
        room = _Room(room.keys, room.ends, room.minima, room.scores, room.slots, far)
    best = Met(room.scores[:kept], room.slots[:kept], far[:kept])
    pass_vectors(tables, stored, query, ranking, best, answer)
    passed = Passed(best.slots, best.scores, best.distances, look.reach, code, sketch, all_fresh)
    return room, True, living, kept, passed
