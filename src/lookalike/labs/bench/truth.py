"""True neighbours and recall, computed here and nowhere else: no contender's own word is taken for either."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Ids, Vectors, unit_rows

_ROWS_AT_ONCE = 1 << 14  # so that a base mapped from a file is never in memory as a whole
_SPARE = 10  # rows kept beyond k while products are in float32, whose order is settled in float64


class Nearest:
    """The rows nearest to some queries among those met so far, by the largest inner product."""

    def __init__(self, queries: Vectors, k: int) -> None:
        """Begin with no rows.

        Args:
            queries: (q, dim) float32.
            k: how many rows are wanted of each.
        """
        self._queries, self._k = queries, k
        self._ids = np.empty((len(queries), 0), np.int64)
        self._products = np.empty((len(queries), 0), np.float32)

    def forget(self, queries: int) -> None:
        """Leave out all queries but the first so many."""
        self._queries, self._ids = self._queries[:queries], self._ids[:queries]
        self._products = self._products[:queries]

    def meet(self, base: Vectors, start: int, stop: int) -> None:
        """Look at the rows of a base, in the order of their numbers, from ``start`` up to ``stop``."""
        for first in range(start, stop, _ROWS_AT_ONCE):
            some = _in_float32(base[first : min(first + _ROWS_AT_ONCE, stop)])
            products = self._queries @ some.T
            if self._ids.shape[1] < self._k + _SPARE:
                numbers = np.broadcast_to(np.arange(first, first + len(some)), products.shape)
                self._keep(np.hstack([self._ids, numbers]), np.hstack([self._products, products]))
                continue
            queries, places = np.nonzero(products > self._products.min(axis=1, keepdims=True))
            for query in np.unique(queries).tolist():
                near = places[queries == query]
                self._merge(query, first + near, products[query, near])

    def _keep(self, ids: Ids, products: Vectors) -> None:
        """Keep the best of (q, n) rows for each query."""
        width = self._k + _SPARE
        if ids.shape[1] > width:
            best = np.argpartition(-products, width - 1, axis=1)[:, :width]
            ids, products = np.take_along_axis(ids, best, 1), np.take_along_axis(products, best, 1)
        self._ids, self._products = ids, products

    def _merge(self, query: int, ids: Ids, products: Vectors) -> None:
        """Let some rows, (n,), take the place of worse ones of a query."""
        ids, products = np.append(self._ids[query], ids), np.append(self._products[query], products)
        best = np.argpartition(-products, self._ids.shape[1] - 1)[: self._ids.shape[1]]
        self._ids[query], self._products[query] = ids[best], products[best]

    def found(self, base: Vectors) -> Ids:
        """The k nearest rows of each query, (q, k) int64 row numbers, nearest first; ties by number."""
        found = np.empty((len(self._queries), self._k), np.int64)
        for place, (query, near) in enumerate(zip(self._queries, self._ids, strict=True)):
            exact = _in_float32(base[near]).astype(np.float64) @ query.astype(np.float64)
            found[place] = near[np.lexsort((near, -exact))[: self._k]]
        return found


def true_neighbours(base: Vectors, queries: Vectors, k: int) -> Ids:
    """The k rows nearest to each query, by the largest inner product.

    Args:
        base: (n, dim) float32 or float16 rows of length 1, possibly mapped from a file; n at least k.
        queries: (q, dim) float32.
        k: how many.

    Returns:
        (q, k) int64 row numbers, nearest first; ties by number.
    """
    nearest = Nearest(queries, k)
    nearest.meet(base, 0, len(base))
    return nearest.found(base)


def recall_of(found: NDArray[np.integer], truth: Ids) -> float:
    """Mean share of the true neighbours that were found; see ``shares_of``."""
    return float(np.mean(shares_of(found, truth)))


def shares_of(found: NDArray[np.integer], truth: Ids) -> NDArray[np.float64]:
    """The share of each query's true neighbours that was found, (q,).

    Args:
        found: (q, any) row numbers; what is not a row number, such as -1, counts for nothing, and a number
            that comes twice counts once.
        truth: (q, k) true neighbours.
    """
    return np.array([np.isin(true, row).mean() for row, true in zip(found, truth, strict=True)])


def _in_float32(rows: NDArray[np.floating]) -> Vectors:
    """Rows as float32; those of float16, whose lengths were rounded, at length 1 again."""
    return np.asarray(rows) if rows.dtype == np.float32 else unit_rows(rows.astype(np.float32))
