"""From queries to their nearest rows, in one compiled function: buckets, codes, sketches, distances.

Each stage reads fewer and larger things than the one before. The first compares the 128-bit codes of all rows
in the visited buckets, which lie in the order of the buckets and are read straight through. The second
compares the whole sketches of the best of those, one line of cache per row. The last measures the distances
of the best of these. A histogram of the scores decides what a stage keeps, so nothing is sorted before the
last few rows. Rows that are in no table yet lie in no bucket: the first stage compares all their codes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.answers import Answers
from lookalike.kernels.arrays import frozen
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.costs import (
    Costs,
    costs_of,
    count_within,
    keys_within,
    own_key,
    reach_for,
    room_for,
)
from lookalike.kernels.distances import Ranking
from lookalike.kernels.gaps import STAGES, Passed, gaps_of, recall_of, square_of
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
    """

    reach: float
    probes: int
    codes: int
    sketches: int
    most_sketches: int = _ANY_NUMBER
    most_vectors: int = _ANY_NUMBER
    weights: NDArray[np.float32] = NO_WEIGHTS
    farthest: float = np.inf


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
    count, buckets = len(tables.starts), tables.starts.shape[1] - 1
    lower, upper = room_for(borders, buckets)
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    ends = np.empty(count, np.int64)
    keys, minima = np.empty(0, np.uint32), np.empty(0, np.uint16)
    scores, slots, far = np.empty(0, np.uint16), np.empty(0, np.int32), np.empty(0, np.float32)
    probes = codes = sketches = compared = 0
    for place in in_order_of_buckets(borders, buckets):
        query = queries.vectors[place]
        costs = costs_of(borders[place], buckets, lower, upper)
        how_far = effort.reach, effort.probes, effort.codes
        keys, visited, met, reach = visit(tables, *how_far, costs, keys, ends)
        for probe in range(min(ends[0], BUCKETS_AHEAD)):  # they come while the pattern is computed
            ask_for_codes(tables, 0, keys[probe])
        margins_of(query, rotation, queries.codes[place], turned, spare)
        pattern_of(turned, pattern)
        met += len(stored.fresh)
        if visited + met // LANES > len(minima):
            minima = np.empty(len(keys) + met // LANES, np.uint16)
        if met + LANES > len(scores):
            scores, slots = np.empty(2 * met + LANES, np.uint16), np.empty(2 * met, np.int32)
        visits, rows = Visits(keys, ends, minima), Met(scores, slots, far)
        kept, hashed, code = pass_codes(tables, stored, pattern, effort.codes, visits, rows)
        all_fresh = kept - hashed == len(stored.fresh)
        probes, codes = probes + visited, codes + met
        if kept > effort.most_sketches:
            continue
        kept = pass_sketches(tables, stored, pattern, hashed, kept, rows)
        sketches += kept
        kept, sketch = keep_sketches(effort.sketches, Met(scores[:kept], slots[:kept], far))
        if kept > effort.most_vectors:
            continue
        if kept > len(far):
            far = np.empty(2 * kept, np.float32)
        best = Met(scores[:kept], slots[:kept], far[:kept])
        recall, gaps = answers.recall[place : place + 1], answers.gaps[place]
        answer = Answers(answers.ids[place], answers.distances[place], recall, gaps)
        pass_vectors(tables, stored, query, ranking, best, answer)
        compared += kept
        if not np.isnan(effort.weights[0, 0]):
            passed = Passed(best.slots, best.scores, best.distances, reach, code, sketch, all_fresh)
            left = gaps_of(tables, stored, costs, pattern, passed, answer.distances, gaps)
            near = square_of(queries.codes[place]) <= effort.farthest
            recall[0] = recall_of(effort.weights, gaps, left) if near else 0
    return probes, codes, sketches, compared


@njit(cache=True, nogil=True)
def in_order_of_buckets(borders: NDArray[np.float32], buckets: int) -> NDArray[np.int64]:
    """Order queries, by their borders, so that each finds in the cache what the one before it met.

    Args:
        borders: (q, tables, bits or cells) float32; see ``costs``.
        buckets: how many buckets each table has.
    """
    if len(borders) == 1:
        return np.zeros(1, np.int64)
    keys, order = np.empty(len(borders), np.float32), np.empty(len(borders), np.int64)
    for query in range(len(borders)):
        key = own_key(borders[query, 0], buckets)
        heap.push(keys, order, query, np.float32(key), np.int64(query))
    heap.sort(keys, order, len(order))
    return order


@njit(cache=True, nogil=True)
def visit(
    tables: Tables,
    reach: float,
    probes: int,
    least: int,
    costs: Costs,
    keys: NDArray[np.uint32],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.uint32], int, int, np.float32]:
    """Choose the buckets that one query visits.

    Args:
        tables: the hash tables.
        reach: see ``Effort``.
        probes: likewise.
        least: how many rows must be met, or the reach is widened.
        costs: what the buckets cost.
        keys: (any,) uint32, filled if there is room.
        ends: (tables,) int64, filled; see ``Visits``.

    Returns:
        ``(keys, visited, met, reach)``: the array of keys, a new one if ``keys`` was too short; how many keys
        it holds; how many rows lie in those buckets; and how much they cost at most, or infinity if these are
        all buckets.
    """
    count = len(ends)
    within = np.float32(reach) if probes == 0 else reach_for(costs, probes)
    while True:
        found = count_within(costs, within)
        if found > len(keys):
            keys = np.empty(2 * found, np.uint32)
        visited = met = 0
        for table in range(count):
            following = visited + keys_within(costs, table, within, keys[visited:])
            for probe in range(visited, following):
                met += tables.starts[table, keys[probe] + 1] - tables.starts[table, keys[probe]]
            ends[table] = visited = following
        if visited == count * costs.buckets:
            return keys, visited, met, np.float32(np.inf)
        if probes > 0 or met >= least:
            return keys, visited, met, within
        within = reach_for(costs, 2 * visited)
