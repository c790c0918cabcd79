"""Choosing the k nearest, with ties settled by id so that every index gives the same answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Ids


def nearest(ids: Ids, distances: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """Positions of the k smallest distances, sorted by (distance, id).

    Args:
        ids: (n,) int64.
        distances: (n,) floats.
        k: how many; all of them where n is smaller.

    Returns:
        (min(k, n),) positions into the arguments.
    """
    if 0 < k < len(distances):
        border = np.partition(distances, k - 1)[k - 1]
        within = np.flatnonzero(distances <= border)
    else:
        within = np.arange(len(distances))
    order = np.lexsort((ids[within], distances[within]))
    return within[order[:k]]
