"""The pictures nearest to each picture, by this project's own exact index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.index import ExactIndex
from lookalike.kernels.arrays import Ids


def nearest_others(
    vectors: NDArray[np.floating], k: int, metric: str = "cosine"
) -> tuple[Ids, NDArray[np.float32]]:
    """The k nearest rows to each row, itself left out.

    Args:
        vectors: (n, dim) floats.
        k: below n.
        metric: as ``parse_metric`` takes it.

    Returns:
        (n, k) int64 rows and (n, k) float32 distances, the nearest first.
    """
    n = len(vectors)
    index = ExactIndex(vectors.shape[1], metric)
    index.add(np.arange(n), vectors)
    found = index.search(vectors, k + 1)
    others = found.ids != np.arange(n)[:, None]
    others[others.all(axis=1), -1] = False  # more than k copies of it came first
    return found.ids[others].reshape(n, k), found.distances[others].reshape(n, k)
