"""Choosing the buckets that a query visits: all those that cost at most a given *reach*.

A bucket's cost is the sum of the query's squared margins over the bits in which the bucket's key differs from
the query's own key. That is the squared distance from the query to the bucket, the cost of query-directed
probing (Lv et al., "Multi-probe LSH", VLDB 2007, section 4.4).

Lv et al. take one bucket after the other from a heap. Here the bits of a key are cut into a lower and an
upper half, and the costs of all subsets of flipped bits are sorted for each half. Every bucket is a pair of
such subsets, so the buckets within a reach are found by walking along two short lists. They are the same
buckets as the heap's, found in a fraction of its time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Subsets(NamedTuple):
    """All subsets of one half of a key's bits, for each table, ordered by cost, the cheapest first.

    Attributes:
        costs: (tables, 2 * size) float32; the first ``size`` places hold the costs, the others are scratch.
        flips: (tables, 2 * size) uint32; for each cost the bits of a key that the subset flips.
        size: how many subsets there are, 2 ** (bits of the half).
    """

    costs: NDArray[np.float32]
    flips: NDArray[np.uint32]
    size: int


@njit(cache=True, nogil=True)
def room_for(tables: int, bits: int) -> Subsets:
    """Allocate the subsets of ``bits`` bits, for ``fill_subsets`` to fill."""
    size = 1 << bits
    return Subsets(np.empty((tables, 2 * size), np.float32), np.empty((tables, 2 * size), np.uint32), size)


@njit(cache=True, nogil=True)
def fill_subsets(margins: NDArray[np.float32], start: int, stop: int, subsets: Subsets) -> None:
    """Compute and sort the costs of all subsets of the bits from ``start`` up to, not including, ``stop``.

    Args:
        margins: (tables, bits) float32, margins of the query against the hyperplanes of each key.
        start: the first bit.
        stop: the bit after the last.
        subsets: room for the subsets of ``stop - start`` bits; filled.
    """
    for table in range(len(margins)):
        _sort_subsets(margins[table], start, stop, subsets.costs[table], subsets.flips[table])


@njit(cache=True, nogil=True)
def _sort_subsets(
    margins: NDArray[np.float32], start: int, stop: int, costs: NDArray[np.float32], flips: NDArray[np.uint32]
) -> None:
    """Do the work of ``fill_subsets`` for one table; ``costs`` and ``flips`` are (2 * size,)."""
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
    """Count the buckets, over all tables, that cost at most ``reach``."""
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
    """Find the reach within which ``probes`` buckets lie, over all tables; more only if costs are equal."""
    tables = len(lower.costs)
    if probes >= tables * lower.size * upper.size:
        return np.float32(np.inf)
    least, most = np.float32(0), np.float32(0)  # a reach that holds too few, and one that holds enough
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
    """Compute a vector's key from its margins, (bits,) float32: bit j is 1 if margin j is above 0."""
    key = np.uint32(0)
    for bit in range(len(margins)):
        key |= np.uint32(margins[bit] > 0) << np.uint32(bit)
    return key


@njit(cache=True, nogil=True)
def keys_within(
    own: np.uint32, lower: Subsets, upper: Subsets, table: int, reach: np.float32, keys: NDArray[np.uint32]
) -> int:
    """List the keys of one table's buckets that cost at most ``reach``.

    Args:
        own: the query's own key in this table.
        lower: filled subsets of the lower bits of a key. They vary fastest, so that buckets listed one after
            the other lie close together in memory.
        upper: filled subsets of the upper bits.
        table: the number of the table.
        reach: the most that a bucket may cost.
        keys: uint32, with enough room (see ``count_within``); filled.

    Returns:
        How many keys were listed.
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
