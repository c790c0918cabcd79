"""True neighbours and recall, computed here and nowhere else: no contender's own word is taken for either."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Ids, Vectors

_ROWS_AT_ONCE = 1 << 14  # so that a base mapped from a file is never in memory as a whole
_SPARE = 10  # rows kept beyond k while products are in float32, whose order is settled in float64


def true_neighbours(base: Vectors, queries: Vectors, k: int) -> Ids:
    """The k rows nearest to each query, by the largest inner product.

    Args:
        base: (n, dim) float32 rows of length 1, possibly mapped from a file; n at least k.
        queries: (q, dim) float32.
        k: how many.

    Returns:
        (q, k) int64 row numbers, nearest first; ties by number.
    """
    ids = np.empty((len(queries), 0), np.int64)
    products = np.empty((len(queries), 0), np.float32)
    for start in range(0, len(base), _ROWS_AT_ONCE):
        some = queries @ base[start : start + _ROWS_AT_ONCE].T
        numbers = np.broadcast_to(np.arange(start, start + some.shape[1]), some.shape)
        ids, products = np.hstack([ids, numbers]), np.hstack([products, some])
        if ids.shape[1] > k + _SPARE:
            best = np.argpartition(-products, k + _SPARE - 1, axis=1)[:, : k + _SPARE]
            ids, products = np.take_along_axis(ids, best, 1), np.take_along_axis(products, best, 1)
    found = np.empty((len(queries), k), np.int64)
    for place, (query, near) in enumerate(zip(queries, ids, strict=True)):
        exact = base[near].astype(np.float64) @ query.astype(np.float64)
        found[place] = near[np.lexsort((near, -exact))[:k]]
    return found


def recall_of(found: NDArray[np.integer], truth: Ids) -> float:
    """Mean share of the true neighbours that were found.

    Args:
        found: (q, any) row numbers; what is not a row number, such as -1, counts for nothing, and a number
            that comes twice counts once.
        truth: (q, k) true neighbours.
    """
    shares = [np.isin(true, row).mean() for row, true in zip(found, truth, strict=True)]
    return float(np.mean(shares))
