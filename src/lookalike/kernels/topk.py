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


def merge(parts: list[tuple[Ids, NDArray[np.float32]]], k: int) -> tuple[Ids, NDArray[np.float32]]:
    """Merge answers over disjoint sets of rows into one answer.

    Args:
        parts: for each set ``(ids, distances)``, both (q, any), padded with -1 and infinity.
        k: places in the merged answer.

    Returns:
        ``(ids, distances)``, (q, k) int64 and float32, sorted by (distance, id), padded likewise.
    """
    ids = np.concatenate([part[0] for part in parts], axis=1)
    distances = np.concatenate([part[1] for part in parts], axis=1)
    # An empty place has id -1 and must not win a tie at infinity against a real id: sort it last.
    order = np.lexsort((np.where(ids < 0, np.iinfo(np.int64).max, ids), distances), axis=1)[:, :k]
    ids, distances = np.take_along_axis(ids, order, axis=1), np.take_along_axis(distances, order, axis=1)
    missing = k - ids.shape[1]
    if missing > 0:
        ids = np.pad(ids, ((0, 0), (0, missing)), constant_values=-1)
        distances = np.pad(distances, ((0, 0), (0, missing)), constant_values=np.inf)
    return ids, distances
