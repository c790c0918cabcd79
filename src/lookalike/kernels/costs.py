"""What buckets cost a query, be their keys signs or cells: the one place that tells the two apart.

What a query knows of the buckets are its *borders*, (tables, n) float32:

- If keys are signs, its margins against the n hyperplanes of each table, which has 2 ** n buckets; see
  ``probes``.
- If buckets are cells, what each of the n buckets of a table costs; see ``cells``.

So there are as many borders as buckets if these are cells, and fewer if keys are signs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import probes
from lookalike.kernels.cells import cells_within, count_cells, own_cell, reach_for_cells
from lookalike.kernels.probes import Subsets, fill_subsets


class Costs(NamedTuple):
    """What all buckets cost one query.

    Attributes:
        borders: (tables, n) float32, the query's.
        buckets: how many buckets each table has.
        lower: subsets of the lower half of a key's bits; of no bits if buckets are cells.
        upper: those of the upper half.
    """

    borders: NDArray[np.float32]
    buckets: int
    lower: Subsets
    upper: Subsets


@njit(cache=True, nogil=True)
def room_for(borders: NDArray[np.float32], buckets: int) -> tuple[Subsets, Subsets]:
    """Allocate what ``costs_of`` fills for one of (q, tables, n) borders after the other."""
    _, tables, bits = borders.shape
    if bits == buckets:
        bits = 0
    return probes.room_for(tables, bits // 2), probes.room_for(tables, bits - bits // 2)


@njit(cache=True, nogil=True)
def costs_of(borders: NDArray[np.float32], buckets: int, lower: Subsets, upper: Subsets) -> Costs:
    """Compute the costs of all buckets.

    Args:
        borders: (tables, n) float32, the query's.
        buckets: how many buckets each table has.
        lower: from ``room_for``; filled.
        upper: likewise.
    """
    bits = borders.shape[1]
    if bits < buckets:
        first = int(np.int64(0))  # numba compiles a function anew for a plain 0
        fill_subsets(borders, first, bits // 2, lower)
        fill_subsets(borders, bits // 2, bits, upper)
    return Costs(borders, buckets, lower, upper)


@njit(cache=True, nogil=True)
def own_key(borders: NDArray[np.float32], buckets: int) -> np.uint32:
    """Compute the key of the bucket that a vector lies in, from its (n,) borders in a table."""
    return own_cell(borders) if len(borders) == buckets else probes.own_key(borders)


@njit(cache=True, nogil=True)
def cost_of(borders: NDArray[np.float32], buckets: int, key: np.uint32) -> np.float32:
    """Look up what the bucket with a key costs, from the (n,) borders of a query in its table."""
    if len(borders) == buckets:
        return np.float32(borders[key])
    # Added up in two halves like the costs in ``probes``, lest they differ in the last digit.
    lower = upper = np.float32(0)
    for bit in range(len(borders)):
        margin = borders[bit]
        if (margin > 0) != ((key >> np.uint32(bit)) & np.uint32(1) > 0):
            if bit < len(borders) // 2:
                lower += margin * margin
            else:
                upper += margin * margin
    return lower + upper


@njit(cache=True, nogil=True)
def count_within(costs: Costs, reach: np.float32) -> int:
    """Count the buckets, over all tables, that cost at most ``reach``."""
    if costs.borders.shape[1] == costs.buckets:
        return count_cells(costs.borders, reach)
    return probes.count_within(costs.lower, costs.upper, reach)


@njit(cache=True, nogil=True)
def reach_for(costs: Costs, wanted: int) -> np.float32:
    """Find the reach within which ``wanted`` buckets lie, over all tables; more only if costs are equal."""
    if costs.borders.shape[1] == costs.buckets:
        return reach_for_cells(costs.borders, wanted)
    return probes.reach_for(costs.lower, costs.upper, wanted)


@njit(cache=True, nogil=True)
def keys_within(costs: Costs, table: int, reach: np.float32, keys: NDArray[np.uint32]) -> int:
    """List the keys of one table's buckets that cost at most ``reach``.

    Args:
        costs: of all buckets.
        table: the number of the table.
        reach: the most that a bucket may cost.
        keys: uint32, with enough room (see ``count_within``); filled.

    Returns:
        How many keys were listed.
    """
    borders = costs.borders[table]
    if len(borders) == costs.buckets:
        return cells_within(borders, reach, keys)
    return probes.keys_within(probes.own_key(borders), costs.lower, costs.upper, table, reach, keys)
