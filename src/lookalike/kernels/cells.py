"""Buckets that are cells: each holds the rows that are nearer to its centre than to all other centres.

A cell costs a query as much as its centre is farther away than the nearest one, by the square of the
distance. So the cell that the query lies in costs nothing, and the search visits those whose centres are
hardly farther. A hash that is learned so brings together more of what is near than one by hyperplanes
(Paulevé, Jégou and Amsaleg, "Locality sensitive hashing: a comparison of hash function types and querying
mechanisms", Pattern Recognition Letters 2010).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ROUNDING = np.float32(1e-6)  # of a product of 128 float32 numbers, as a share of it


@njit(cache=True, nogil=True, fastmath=True)
def costs_from(products: NDArray[np.float32], squares: NDArray[np.float32]) -> None:
    """Turn the products of queries with centres into what the cells cost, in place.

    Args:
        products: (q, cells) float32, cells >= 1; overwritten. |q - c|² is |q|² - 2 qc + |c|², of which |q|²
            is the same for all centres. A cell costs nothing if it is only as much farther as these numbers
            are inexact: of centres that are equally far, products in another order have another one nearest,
            and copies of a row would lie apart.
        squares: (cells,) float32, the squares of the centres' lengths.
    """
    for query in range(len(products)):
        least = squares[0] - np.float32(2) * products[query, 0]
        for cell in range(products.shape[1]):
            far = squares[cell] - np.float32(2) * products[query, cell]
            products[query, cell] = far
            least = min(least, far)
        for cell in range(products.shape[1]):
            far = products[query, cell]
            inexact = _ROUNDING * (squares[cell] + abs(squares[cell] - far))
            products[query, cell] = far - least if far - least > inexact else np.float32(0)


@njit(cache=True, nogil=True)
def own_cell(costs: NDArray[np.float32]) -> np.uint32:
    """Find the cheapest of (cells,) float32 costs, the first if several are: the cell that a vector is in."""
    own = 0
    for cell in range(1, len(costs)):
        if costs[cell] < costs[own]:
            own = cell
    return np.uint32(own)


@njit(cache=True, nogil=True)
def count_cells(costs: NDArray[np.float32], reach: np.float32) -> int:
    """Count those of (tables, cells) float32 costs that are at most ``reach``."""
    found = 0
    for table in range(len(costs)):
        for cell in range(costs.shape[1]):
            found += int(
                not costs[table, cell] > reach
            )  # NaN counts, lest a search widens its reach for ever
    return found


@njit(cache=True, nogil=True)
def reach_for_cells(costs: NDArray[np.float32], probes: int) -> np.float32:
    """Find the reach within which ``probes`` of (tables, cells) costs lie; more only if costs are equal.

    By halving what lies between a reach that is too small and one that is not, down to neighbouring numbers:
    to compile ``np.partition``, which tells the same, takes longer than to compile any of the kernels.
    """
    if probes >= costs.size:
        return np.float32(np.inf)
    least, most = np.float32(0), np.float32(0)
    for table in range(len(costs)):
        for cell in range(costs.shape[1]):
            most = max(most, costs[table, cell])
    probes = max(probes, 1)  # a search that has met no cell asks for twice as many, and would ask for ever
    if count_cells(costs, least) >= probes:
        return least
    while True:
        middle = (least + most) * np.float32(0.5)
        if middle in (least, most):  # no float32 lies between the two
            return most
        if count_cells(costs, middle) < probes:
            least = middle
        else:
            most = middle


@njit(cache=True, nogil=True)
def cells_within(costs: NDArray[np.float32], reach: np.float32, keys: NDArray[np.uint32]) -> int:
    """List the cells of one table that cost at most ``reach``, in the order in which they lie in memory.

    Args:
        costs: (cells,) float32.
        reach: the most that a cell may cost.
        keys: uint32, with enough room (see ``count_cells``); filled.

    Returns:
        How many were listed.
    """
    found = 0
    for cell in range(len(costs)):
        if not costs[cell] > reach:
            keys[found] = cell
            found += 1
    return found
