"""Which buckets to visit for a query: all those within a reach of it.

A bucket costs the sum of the squared margins of the bits in which its key differs from the query's own: the
squared distance from the query to it, the cost of query-directed probing (Lv et al., "Multi-probe LSH",
VLDB 2007, section 4.4). Instead of a heap that yields one bucket at a time, the bits are cut into two halves
and the costs of all subsets of each half are sorted; every bucket is a pair, and the pairs below a reach are
found by walking two short lists. The cheapest of all are the same as the heap's, at a fraction of its time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Subsets(NamedTuple):
    """All subsets of one half of the bits, for each table, the cheapest first.

    Attributes:
        costs: (tables, 2 * size) float32, sorted in the first ``size`` places; the rest is scratch.
        flips: (tables, 2 * size) uint32, likewise: the bits of a key that a subset flips.
        size: how many subsets there are.
    """

    costs: NDArray[np.float32]
    flips: NDArray[np.uint32]
    size: int


@njit(cache=True, nogil=True)
def room_for(tables: int, bits: int) -> Subsets:
    """Subsets of ``bits`` bits, not filled yet."""
    size = 1 << bits
    return Subsets(np.empty((tables, 2 * size), np.float32), np.empty((tables, 2 * size), np.uint32), size)


@njit(cache=True, nogil=True)
def fill_subsets(margins: NDArray[np.float32], start: int, stop: int, subsets: Subsets) -> None:
    """Sort the costs of all subsets of the bits from ``start`` to ``stop``.

    Args:
        margins: (tables, bits) float32, the query's.
        start: the first of the bits.
        stop: the end of the bits.
        subsets: of ``stop - start`` bits; filled.
    """
    for table in range(len(margins)):
        _sort_subsets(margins[table], start, stop, subsets.costs[table], subsets.flips[table])


@njit(cache=True, nogil=True)
def _sort_subsets(
    margins: NDArray[np.float32], start: int, stop: int, costs: NDArray[np.float32], flips: NDArray[np.uint32]
) -> None:
    """See ``fill_subsets``; for one table."""
    size = 1
    costs[0], flips[0] = 0, 0
    for bit in range(start, stop):
        added, flip = margins[bit] * margins[bit], np.uint32(1) << np.uint32(bit)
        # Merge the list with itself plus the new bit, into the space behind it; then move it to the front.
        without = within = 0
        for place in range(size, 3 * size):
            if within == size or (without < size and costs[without] <= costs[within] + added):
                costs[place], flips[place] = costs[without], flips[without]
                without += 1
            else:
                costs[place], flips[place] = costs[within] + added, flips[within] | flip
                within += 1
        for place in range(2 * size):
            costs[place], flips[place] = costs[size + place], flips[size + place]
        size *= 2


@njit(cache=True, nogil=True)
def count_within(lower: Subsets, upper: Subsets, reach: np.float32) -> int:
    """How many buckets, over all tables, cost at most ``reach``."""
    found = 0
    for table in range(len(lower.costs)):
        fitting = lower.size
        for place in range(upper.size):
            while fitting > 0 and upper.costs[table, place] + lower.costs[table, fitting - 1] > reach:
                fitting -= 1
            if fitting == 0:
                break
            found += fitting
    return found


@njit(cache=True, nogil=True)
def reach_for(lower: Subsets, upper: Subsets, probes: int) -> np.float32:
    """The reach that holds a number of buckets, over all tables (more only where costs are equal)."""
    tables = len(lower.costs)
    if probes >= tables * lower.size * upper.size:
        return np.float32(np.inf)
    least, most = np.float32(0), np.float32(0)  # holds too few; holds enough
    for table in range(tables):
        most = max(most, lower.costs[table, lower.size - 1] + upper.costs[table, upper.size - 1])
    if count_within(lower, upper, least) >= probes:
        return least
    while True:
        middle = (least + most) * np.float32(0.5)
        if middle in (least, most):  # no float32 lies between the two
            return most
        found = count_within(lower, upper, middle)
        if found == probes:
            return middle
        if found < probes:
            least = middle
        else:
            most = middle


@njit(cache=True, nogil=True)
def own_key(margins: NDArray[np.float32]) -> np.uint32:
    """The key of the bucket that a vector falls into; bit j is 1 where margin j is above 0."""
    key = np.uint32(0)
    for bit in range(len(margins)):
        key |= np.uint32(margins[bit] > 0) << np.uint32(bit)
    return key


@njit(cache=True, nogil=True)
def keys_within(
    own: np.uint32, lower: Subsets, upper: Subsets, table: int, reach: np.float32, keys: NDArray[np.uint32]
) -> int:
    """Keys of a table's buckets that cost at most ``reach``.

    Args:
        own: the query's own key.
        lower: subsets of the lower bits of a key, so that buckets met one after the other lie close together.
        upper: subsets of the upper bits.
        table: which table.
        reach: the most that a bucket may cost.
        keys: uint32, with room for them; filled.

    Returns:
        How many.
    """
    found = 0
    for high in range(upper.size):
        if upper.costs[table, high] + lower.costs[table, 0] > reach:
            break
        base = own ^ upper.flips[table, high]
        for low in range(lower.size):
            if upper.costs[table, high] + lower.costs[table, low] > reach:
                break
            keys[found] = base ^ lower.flips[table, low]
            found += 1
    return found
