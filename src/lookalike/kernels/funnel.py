"""From queries to their nearest rows, all compiled: probes, codes, sketches, exact distances.

Each stage reads fewer and larger things than the one before: the 128-bit codes that lie in bucket order
(streamed), whole sketches of the best of those (one line of cache each), vectors of the best again. What a
stage keeps is decided by a histogram of its scores, so nothing is sorted before the last few. Rows that the
tables do not hold yet lie in no bucket: the first stage meets the codes of all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BITS, SKETCH_WORDS
from lookalike.kernels.buckets import Tables
from lookalike.kernels.patterns import margins_of, pattern_of
from lookalike.kernels.probes import (
    Subsets,
    count_within,
    fill_subsets,
    keys_within,
    own_key,
    reach_for,
    room_for,
)
from lookalike.kernels.stages import Stored, pass_codes, pass_sketches, pass_vectors


class Effort(NamedTuple):
    """How much a search may cost.

    Attributes:
        reach: the most that a visited bucket may cost; widened until ``codes`` rows were met.
        probes: how many buckets to visit instead; 0 to go by the reach.
        codes: about how many rows pass the first stage; ties at the border all do.
        sketches: how many pass the second.
    """

    reach: float
    probes: int
    codes: int
    sketches: int


@njit(cache=True, nogil=True, error_model="numpy")
def search(
    tables: Tables,
    stored: Stored,
    effort: Effort,
    queries: NDArray[np.float32],
    margins: NDArray[np.float32],
    centre: NDArray[np.float32],
    signs: NDArray[np.float32],
    metric: int,
    power: float,
    ids: NDArray[np.int64],
    distances: NDArray[np.float32],
) -> tuple[int, int, int, int]:
    """Find the nearest rows to each query.

    Args:
        tables: the hash tables.
        stored: the rows.
        effort: how far to go.
        queries: (q, dim) float32.
        margins: (q, tables * bits + 128) float32, against the hyperplanes of the keys, then of the codes.
        centre: see ``patterns.margins_of``.
        signs: see ``patterns.margins_of``.
        metric: see ``distances.distance``.
        power: see ``distances.distance``.
        ids: (q, k) int64 of -1, filled with the nearest in order of (distance, id).
        distances: (q, k) float32 of infinity, filled.

    Returns:
        ``(probes, codes, sketches, distances)``, what was visited and compared for all queries.
    """
    count = len(tables.starts)
    bits = (margins.shape[1] - CODE_BITS) // count
    lower, upper = room_for(count, bits // 2), room_for(count, bits - bits // 2)
    turned, spare = np.empty(signs.shape[1], np.float32), np.empty(signs.shape[1], np.float32)
    pattern = np.empty((4, SKETCH_WORDS), np.uint64)
    ends = np.empty(count, np.int64)
    keys, minima = np.empty(0, np.uint32), np.empty(0, np.uint16)
    scores, slots = np.empty(0, np.uint16), np.empty(0, np.int32)
    probes = codes = sketches = compared = 0
    for place in range(len(queries)):
        margins_of(queries[place], centre, margins[place, count * bits :], signs, turned, spare)
        pattern_of(turned, pattern)
        own = margins[place, : count * bits].reshape(count, bits)
        keys, visited, met = _visit(tables, effort, own, lower, upper, keys, ends)
        met += len(stored.fresh)
        if visited > len(minima):
            minima = np.empty(len(keys), np.uint16)
        if met > len(scores):
            scores, slots = np.empty(2 * met, np.uint16), np.empty(2 * met, np.int32)
        kept, hashed = pass_codes(
            tables, stored, pattern, effort.codes, keys, ends, minima, scores[:met], slots
        )
        kept = pass_sketches(tables, stored, pattern, slots, hashed, kept, scores)
        compared += pass_vectors(
            tables, stored, effort.sketches, queries[place], metric, power, slots[:kept], scores[:kept],
            ids[place], distances[place],
        )  # fmt: skip
        probes += visited
        codes += met
        sketches += kept
    return probes, codes, sketches, compared


@njit(cache=True, nogil=True)
def _visit(
    tables: Tables,
    effort: Effort,
    margins: NDArray[np.float32],
    lower: Subsets,
    upper: Subsets,
    keys: NDArray[np.uint32],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.uint32], int, int]:
    """Choose the buckets.

    Args:
        tables: the hash tables.
        effort: how far to go.
        margins: (tables, bits) float32, the query's.
        lower: filled.
        upper: filled.
        keys: (any,) uint32, filled if there is room.
        ends: (tables,) int64, filled: where the keys of each table end.

    Returns:
        ``(keys, visited, met)``: the keys, in a new array if there was no room; how many; rows met.
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
