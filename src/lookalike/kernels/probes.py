"""Which buckets to visit for a query, and in which order."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def best_first(margins: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """The buckets nearest to a query, over all tables in one order.

    Query-directed probing of Lv et al., "Multi-probe LSH" (VLDB 2007), section 4.4: a bucket costs the sum
    of the squared margins of the bits in which it differs from the query's own. Within a table, bits are
    sorted by margin; from a set of flipped bits two successors follow (move its last bit on, or add the next
    bit), which reaches every set exactly once in order of cost.

    Args:
        margins: (tables, bits) float32, the query's.
        count: how many buckets; at most all ``tables * 2 ** bits`` come back.

    Returns:
        ``(tables, keys)``, both (count,), int32 and uint32, the cheapest first; every table's own bucket
        costs 0.
    """
    tables, bits = margins.shape
    count = min(count, tables << bits)
    out_tables = np.empty(count, np.int32)
    out_keys = np.empty(count, np.uint32)
    own = np.zeros(tables, np.uint32)
    order = np.empty((tables, bits), np.int64)
    costs = np.empty((tables, bits), np.float64)
    # A binary heap in parallel arrays; a visited set leaves at most two behind.
    size = 0
    room = 2 * count + tables + 2
    heap_cost = np.empty(room, np.float64)
    heap_table = np.empty(room, np.int32)
    heap_flips = np.empty(room, np.uint32)  # flipped bits, as positions in the sorted order
    heap_last = np.empty(room, np.int32)  # highest position flipped; -1 for the query's own bucket

    for table in range(tables):
        squares = margins[table].astype(np.float64) ** 2
        order[table] = np.argsort(squares, kind="mergesort")
        costs[table] = squares[order[table]]
        for bit in range(bits):
            if margins[table, bit] > 0:
                own[table] |= np.uint32(1) << np.uint32(bit)
        heap_cost[size], heap_table[size], heap_flips[size], heap_last[size] = 0.0, table, 0, -1
        size += 1

    for done in range(count):
        cost, table = heap_cost[0], heap_table[0]
        flips, last = heap_flips[0], heap_last[0]
        key = own[table]
        for position in range(last + 1):
            if flips >> np.uint32(position) & np.uint32(1):
                key ^= np.uint32(1) << np.uint32(order[table, position])
        out_tables[done] = table
        out_keys[done] = key
        following = last + 1
        if following < bits:
            added = flips | np.uint32(1) << np.uint32(following)
            _sift_down(
                heap_cost, heap_table, heap_flips, heap_last, size,
                cost + costs[table, following], table, added, following,
            )  # fmt: skip
            if last >= 0:
                moved = added ^ np.uint32(1) << np.uint32(last)
                _sift_up(
                    heap_cost, heap_table, heap_flips, heap_last, size,
                    cost + costs[table, following] - costs[table, last], table, moved, following,
                )  # fmt: skip
                size += 1
        else:
            size -= 1
            _sift_down(
                heap_cost, heap_table, heap_flips, heap_last, size,
                heap_cost[size], heap_table[size], heap_flips[size], heap_last[size],
            )  # fmt: skip
    return out_tables, out_keys


@njit(cache=True, nogil=True)
def _sift_down(
    heap_cost: NDArray[np.float64],
    heap_table: NDArray[np.int32],
    heap_flips: NDArray[np.uint32],
    heap_last: NDArray[np.int32],
    size: int,
    cost: float,
    table: int,
    flips: int,
    last: int,
) -> None:
    """Replace the top of the heap by a new entry."""
    hole = 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and heap_cost[child + 1] < heap_cost[child]:
            child += 1
        if heap_cost[child] >= cost:
            break
        heap_cost[hole], heap_table[hole] = heap_cost[child], heap_table[child]
        heap_flips[hole], heap_last[hole] = heap_flips[child], heap_last[child]
        hole = child
    heap_cost[hole], heap_table[hole], heap_flips[hole], heap_last[hole] = cost, table, flips, last


@njit(cache=True, nogil=True)
def _sift_up(
    heap_cost: NDArray[np.float64],
    heap_table: NDArray[np.int32],
    heap_flips: NDArray[np.uint32],
    heap_last: NDArray[np.int32],
    size: int,
    cost: float,
    table: int,
    flips: int,
    last: int,
) -> None:
    """Append a new entry to the heap."""
    hole = size
    while hole > 0:
        parent = (hole - 1) // 2
        if heap_cost[parent] <= cost:
            break
        heap_cost[hole], heap_table[hole] = heap_cost[parent], heap_table[parent]
        heap_flips[hole], heap_last[hole] = heap_flips[parent], heap_last[parent]
        hole = parent
    heap_cost[hole], heap_table[hole], heap_flips[hole], heap_last[hole] = cost, table, flips, last
