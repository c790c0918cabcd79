"""Which buckets a query visits, and in which order the queries of a batch are searched for."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.costs import Costs, count_within, keys_within, own_key, reach_for
from lookalike.kernels.tables import Tables


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
    reach: float | np.float32,
    probes: int,
    least: int,
    costs: Costs,
    keys: NDArray[np.uint32],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.uint32], int, int, np.float32]:
    """Choose the buckets that one query visits.

    Args:
        tables: the hash tables.
        reach: see ``funnel.Effort``.
        probes: likewise.
        least: how many rows must be met, or the reach is widened.
        costs: what the buckets cost.
        keys: (any,) uint32, filled if there is room.
        ends: (tables,) int64, filled; see ``stages.Visits``.

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
