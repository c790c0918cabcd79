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

from lookalike.kernels.bits import CODE_BITS, SKETCH_WORDS
from lookalike.kernels.distances import Ranking
from lookalike.kernels.lookups import LANES
from lookalike.kernels.patterns import Rotation, margins_of, pattern_of
from lookalike.kernels.probes import (
    Subsets,
    count_within,
    fill_subsets,
    keys_within,
    own_key,
    reach_for,
    room_for,
)
from lookalike.kernels.stages import (
    Answers,
    Met,
    Visits,
    pass_codes,
    pass_sketches,
    pass_vectors,
)
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables


class Effort(NamedTuple):
    """How much work a search does for each query.

    Attributes:
        reach: the most that a visited bucket may cost; widened until at least ``codes`` rows were met.
        probes: how many buckets to visit instead; 0 to go by the reach.
        codes: about how many rows pass the first stage, the comparison of codes.
        sketches: about how many rows pass the second stage, the comparison of sketches.
    """

    reach: float
    probes: int
    codes: int
    sketches: int


class Queries(NamedTuple):
    """Vectors whose nearest rows are wanted.

    Attributes:
        vectors: (q, dim) float32.
        margins: (q, tables * bits + 128) float32, their margins against the hyperplanes of the keys, table
            after table, then of the code.
    """

    vectors: NDArray[np.float32]
    margins: NDArray[np.float32]


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
        answers: ids of -1 and infinite distances; filled.

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
    margins, size = queries.margins, rotation.signs.shape[1]
    count = len(tables.starts)
    bits = (margins.shape[1] - CODE_BITS) // count
    lower, upper = room_for(count, bits // 2), room_for(count, bits - bits // 2)
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    ends = np.empty(count, np.int64)
    keys, minima = np.empty(0, np.uint32), np.empty(0, np.uint16)
    scores, slots = np.empty(0, np.uint16), np.empty(0, np.int32)
    probes = codes = sketches = compared = 0
    for place in in_order_of_buckets(margins[:, :bits]):
        query = queries.vectors[place]
        margins_of(query, rotation, margins[place, count * bits :], turned, spare)
        pattern_of(turned, pattern)
        own = margins[place, : count * bits].reshape(count, bits)
        keys, visited, met = visit(tables, effort, own, lower, upper, keys, ends)
        met += len(stored.fresh)
        if visited + met // LANES > len(minima):
            minima = np.empty(len(keys) + met // LANES, np.uint16)
        if met + LANES > len(scores):
            scores, slots = np.empty(2 * met + LANES, np.uint16), np.empty(2 * met, np.int32)
        visits, rows = Visits(keys, ends, minima), Met(scores, slots)
        kept, hashed = pass_codes(tables, stored, pattern, effort.codes, visits, rows)
        kept = pass_sketches(tables, stored, pattern, hashed, kept, rows)
        best = Met(scores[:kept], slots[:kept])
        answer = Answers(answers.ids[place], answers.distances[place])
        compared += pass_vectors(tables, stored, effort.sketches, query, ranking, best, answer)
        probes += visited
        codes += met
        sketches += kept
    return probes, codes, sketches, compared


@njit(cache=True, nogil=True)
def in_order_of_buckets(margins: NDArray[np.float32]) -> NDArray[np.int64]:
    """Order queries, given (q, bits) margins, so that each finds in the cache what the one before it met."""
    keys = np.empty(len(margins), np.uint32)
    for query in range(len(margins)):
        keys[query] = own_key(margins[query])
    return np.argsort(keys)


@njit(cache=True, nogil=True)
def visit(
    tables: Tables,
    effort: Effort,
    margins: NDArray[np.float32],
    lower: Subsets,
    upper: Subsets,
    keys: NDArray[np.uint32],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.uint32], int, int]:
    """Choose the buckets that one query visits.

    Args:
        tables: the hash tables.
        effort: how far to go.
        margins: (tables, bits) float32, the query's margins against the hyperplanes of the keys.
        lower: room for the subsets of the lower half of a key's bits; filled.
        upper: room for those of the upper half; filled.
        keys: (any,) uint32, filled if there is room.
        ends: (tables,) int64, filled; see ``Visits``.

    Returns:
        ``(keys, visited, met)``: the array of keys, a new one if ``keys`` was too short; how many keys it
        holds; how many rows lie in those buckets.
    """
    count, bits = margins.shape
    fill_subsets(margins, 0, bits // 2, lower)
    fill_subsets(margins, bits // 2, bits, upper)
    reach = np.float32(effort.reach) if effort.probes == 0 else reach_for(lower, upper, effort.probes)
    while True:
        found = count_within(lower, upper, reach)
        if found > len(keys):
            keys = np.empty(2 * found, np.uint32)
        visited = met = 0
        for table in range(count):
            following = visited + keys_within(
                own_key(margins[table]), lower, upper, table, reach, keys[visited:]
            )
            for probe in range(visited, following):
                met += tables.starts[table, keys[probe] + 1] - tables.starts[table, keys[probe]]
            ends[table] = visited = following
        if effort.probes > 0 or met >= effort.codes or visited == count << bits:
            return keys, visited, met
        reach = reach_for(lower, upper, 2 * visited)
