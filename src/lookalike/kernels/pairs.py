"""All pairs of rows within a radius, from the side of the row with the smaller id, in one compiled function.

Whether a pair is found depends on its two rows alone: the second lies in a bucket within a reach of the
first, and its code and its sketch score at most so much. (A search for the k nearest keeps so many rows
instead, so that there the other rows have a say.) Each pair is looked for from one side only, so it is found
once, and no set of pairs has to be kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BYTES, CODE_WORDS, SKETCH_WORDS
from lookalike.kernels.costs import costs_of, room_for
from lookalike.kernels.distances import Ranking, distance
from lookalike.kernels.halves import distance_of
from lookalike.kernels.lookups import LANES, lookups_of
from lookalike.kernels.patterns import Rotation, difference, margins_of, pattern_of
from lookalike.kernels.prefetch import prefetch
from lookalike.kernels.sketches import sketch_difference
from lookalike.kernels.slots import distinct
from lookalike.kernels.stages import Visits, keep_codes, score_codes
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables
from lookalike.kernels.visits import in_order_of_buckets, visit

FULL = -1  # returned in place of a number of pairs for which there is no room


class Limits(NamedTuple):
    """What the second row of a pair may be at most, as the first sees it.

    Attributes:
        reach: cost of its bucket; see ``costs``.
        code: score of its code; see ``patterns.difference``.
        sketch: score of its sketch.
        radius: its distance, rounded to float32.
    """

    reach: float
    code: int
    sketch: int
    radius: float


class Firsts(NamedTuple):
    """The rows that may be the first of a pair.

    Attributes:
        ids: (q,) int64.
        vectors: (q, dim) float32.
        borders: (q, tables, bits or cells) float32; see ``costs``.
        codes: (q, 128) float32, their margins against the hyperplanes of the code.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    borders: NDArray[np.float32]
    codes: NDArray[np.float32]


class Found(NamedTuple):
    """Room for pairs.

    Attributes:
        places: (room,) int64, the place of the first row among the firsts.
        ids: (room,) int64, of the second row, which is larger.
        distances: (room,) float32.
    """

    places: NDArray[np.int64]
    ids: NDArray[np.int64]
    distances: NDArray[np.float32]


def search(
    tables: Tables,
    stored: Stored,
    limits: Limits,
    firsts: Firsts,
    rotation: Rotation,
    ranking: Ranking,
    found: Found,
) -> tuple[int, int, int, int, int]:
    """Find the pairs of some rows with rows of larger ids.

    Args:
        tables: the hash tables, which hold all rows that can be found.
        stored: the rows.
        limits: which rows count.
        firsts: the rows whose pairs are wanted.
        rotation: the one that the sketches were made with.
        ranking: how to measure distance.
        found: filled from the first place on, in any order.

    Returns:
        ``(pairs, probes, codes, sketches, distances)``: how many pairs were found, or ``FULL`` if there was
        no room for all; how many buckets were visited, and codes, sketches and vectors compared.
    """
    named = (tables, stored, limits, firsts, rotation, ranking, found)
    return search_plain(*map(tuple, named))


@njit(cache=True, nogil=True, error_model="numpy")
def search_plain(
    plain_tables: tuple[Any, ...],
    plain_stored: tuple[Any, ...],
    plain_limits: tuple[Any, ...],
    plain_firsts: tuple[Any, ...],
    plain_rotation: tuple[Any, ...],
    plain_ranking: tuple[Any, ...],
    plain_found: tuple[Any, ...],
) -> tuple[int, int, int, int, int]:
    """Run ``search`` on the plain tuples of its arguments."""
    tables, stored, limits = Tables(*plain_tables), Stored(*plain_stored), Limits(*plain_limits)
    firsts, rotation = Firsts(*plain_firsts), Rotation(*plain_rotation)
    ranking, found = Ranking(*plain_ranking), Found(*plain_found)
    borders, size = firsts.borders, rotation.signs.shape[1]
    count, buckets = len(tables.starts), tables.starts.shape[1] - 1
    lower, upper = room_for(borders, buckets)
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    ends = np.empty(count, np.int64)
    keys, minima = np.empty(0, np.uint32), np.empty(0, np.uint16)
    scores, slots = np.empty(0, np.uint16), np.empty(0, np.int32)
    pairs = probes = codes = sketches = compared = 0
    for place in in_order_of_buckets(borders, buckets):
        first = firsts.vectors[place]
        margins_of(first, rotation, firsts.codes[place], turned, spare)
        pattern_of(turned, pattern)
        costs = costs_of(borders[place], buckets, lower, upper)
        # numba compiles a function anew for a plain 0, and for a reach of float64.
        reach, none = np.float32(limits.reach), int(np.int64(0))
        keys, visited, met, _ = visit(tables, reach, none, none, costs, keys, ends)
        if visited + met // LANES > len(minima):
            minima = np.empty(len(keys) + met // LANES, np.uint16)
        if met + LANES > len(scores):
            scores, slots = np.empty(2 * met + LANES, np.uint16), np.empty(2 * met + LANES, np.int32)
        kept = _with_codes(tables, pattern, limits.code, Visits(keys, ends, minima), scores, slots)
        kept = _later(tables, stored, firsts.ids[place], slots, kept)
        near = _with_sketches(tables, pattern, limits.sketch, slots, kept)
        room = Found(found.places[pairs:], found.ids[pairs:], found.distances[pairs:])
        more = _with_distances(tables, stored, limits.radius, first, ranking, slots[:near], room)
        if more == FULL:
            return FULL, probes, codes, sketches, compared
        room.places[:more] = place
        pairs += more
        probes += visited
        codes += met
        sketches += kept
        compared += near
    return pairs, probes, codes, sketches, compared


@njit(cache=True, nogil=True)
def scores(
    sketches: NDArray[np.uint64],
    vectors: NDArray[np.float32],
    code_margins: NDArray[np.float32],
    rotation: Rotation,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Score the second row of each pair as the first sees it.

    Args:
        sketches: (n, 8) uint64, of the second rows.
        vectors: (n, dim) float32, the first rows.
        code_margins: (n, 128) float32, their margins against the hyperplanes of the code.
        rotation: the one that the sketches were made with.

    Returns:
        ``(codes, sketches)``, both (n,) int64; see ``Limits``.
    """
    size = rotation.signs.shape[1]
    turned, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    by_code, by_sketch = np.empty(len(vectors), np.int64), np.empty(len(vectors), np.int64)
    for pair in range(len(vectors)):
        margins_of(vectors[pair], rotation, code_margins[pair], turned, spare)
        pattern_of(turned, pattern)
        by_code[pair] = difference(sketches, pair, pattern, CODE_WORDS)
        by_sketch[pair] = sketch_difference(sketches, pair, pattern)
    return by_code, by_sketch


@njit(cache=True, nogil=True)
def _with_codes(
    tables: Tables,
    pattern: NDArray[np.uint64],
    limit: int,
    visits: Visits,
    scores: NDArray[np.uint16],
    slots: NDArray[np.int32],
) -> int:
    """Gather the slots of the rows in the visited buckets whose codes score at most ``limit``; how many."""
    lookups = np.empty((2 * CODE_BYTES, LANES), np.uint8)
    lookups_of(pattern, lookups)
    kept = start = int(np.int64(0))  # numba compiles a function anew for a plain 0
    for table in range(len(visits.ends)):
        keys, places = visits.keys[start : visits.ends[table]], slots[kept:]
        score_codes(tables, table, keys, lookups, scores, visits.minima)
        more, _, _ = keep_codes(tables, table, keys, visits.minima, scores, limit, places)
        if table > 0:
            for candidate in range(more):
                places[candidate] = tables.slots[table - 1, places[candidate]]
        kept += more
        start = visits.ends[table]
    return distinct(slots, kept) if len(visits.ends) > 1 else kept


@njit(cache=True, nogil=True)
def _later(tables: Tables, stored: Stored, first_id: np.int64, slots: NDArray[np.int32], count: int) -> int:
    """Move the slots of living rows with ids above ``first_id`` to the front; return how many they are."""
    kept, main = 0, len(stored.ids)
    for place in range(count):
        slot = slots[place]
        row = tables.rows[slot]
        if row < main:
            counts = stored.alive[row] and stored.ids[row] > first_id
        else:
            counts = stored.later_alive[row - main] and stored.later_ids[row - main] > first_id
        slots[kept] = slot
        if counts:
            prefetch(tables.sketches, slot, 0)
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _with_sketches(
    tables: Tables, pattern: NDArray[np.uint64], limit: int, slots: NDArray[np.int32], count: int
) -> int:
    """Move the slots whose sketches score at most ``limit`` to the front; return how many they are."""
    kept = 0
    for place in range(count):
        slot = slots[place]
        slots[kept] = slot
        kept += int(sketch_difference(tables.sketches, slot, pattern) <= np.uint64(limit))
    return kept


@njit(cache=True, nogil=True)
def _with_distances(
    tables: Tables,
    stored: Stored,
    radius: float,
    first: NDArray[np.float32],
    ranking: Ranking,
    slots: NDArray[np.int32],
    found: Found,
) -> int:
    """Write the rows of slots that lie within the radius; how many, or ``FULL``."""
    kept, main = 0, len(stored.ids)
    wide = np.empty((1, len(first)), np.float32)
    for slot in slots:
        row = int(np.int64(tables.rows[slot]))  # numba compiles all formulas anew for int32
        if row < main:
            id_ = stored.ids[row]
            far = distance_of(ranking, first, stored.vectors, stored.halves, row, wide)
        else:
            row -= main
            id_ = stored.later_ids[row]
            far = distance(ranking, first, stored.later_vectors, row)
        if np.float32(far) <= radius:
            if kept == len(found.ids):
                return FULL
            found.ids[kept], found.distances[kept] = id_, np.float32(far)
            kept += 1
    return kept
