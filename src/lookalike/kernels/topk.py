"""Choosing the k nearest in numpy. Ties are ordered by id, so that every index gives the same answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Ids


def nearest(ids: Ids, distances: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """Find the positions of the k smallest distances.

    Args:
        ids: (n,) int64.
        distances: (n,) floats, the distance of each id.
        k: how many positions; n if k is larger.

    Returns:
        (min(k, n),) positions in the arguments, in ascending order of (distance, id).
    """
    if 0 < k < len(distances):
        border = np.partition(distances, k - 1)[k - 1]
        within = np.flatnonzero(distances <= border)
    else:
        within = np.arange(len(distances))
    order = np.lexsort((ids[within], distances[within]))
    return within[order[:k]]
