"""The k nearest pairs (distance, id) met so far, as a binary heap whose top is the worst of them.

All functions work on two arrays, ``distances`` (k,) float32 and ``ids`` (k,) int64, whose first ``size``
places are the heap.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, inline="always")
def _before(distance: np.float32, id_: np.int64, other: np.float32, other_id: np.int64) -> bool:
    """Tell whether the first pair precedes the second: it is nearer, or as near with a smaller id."""
    return bool(distance < other or (distance == other and id_ < other_id))


@njit(cache=True, nogil=True)
def push(
    distances: NDArray[np.float32], ids: NDArray[np.int64], size: int, distance: np.float32, id_: np.int64
) -> int:
    """Offer a pair: a heap with room takes it, a full heap takes it only in place of a worse one.

    Args:
        distances: (k,) float32, changed in place.
        ids: (k,) int64, changed in place.
        size: how many pairs the heap holds.
        distance: of the pair offered.
        id_: of the pair offered.

    Returns:
        How many pairs the heap holds now.
    """
    if size < len(ids):
        hole = size
        while hole > 0:
            parent = (hole - 1) // 2
            if not _before(distances[parent], ids[parent], distance, id_):
                break
            distances[hole], ids[hole] = distances[parent], ids[parent]
            hole = parent
        distances[hole], ids[hole] = distance, id_
        return size + 1
    if _before(distance, id_, distances[0], ids[0]):
        _sink(distances, ids, size, distance, id_)
    return size


@njit(cache=True, nogil=True)
def sort(distances: NDArray[np.float32], ids: NDArray[np.int64], size: int) -> None:
    """Turn a heap of ``size`` pairs into a list in ascending order of (distance, id), in place."""
    for last in range(size - 1, 0, -1):
        distance, id_ = distances[last], ids[last]
        distances[last], ids[last] = distances[0], ids[0]
        _sink(distances, ids, last, distance, id_)


@njit(cache=True, nogil=True)
def _sink(
    distances: NDArray[np.float32], ids: NDArray[np.int64], size: int, distance: np.float32, id_: np.int64
) -> None:
    """Replace the top of a heap of ``size`` pairs by another pair, and restore the order of the heap."""
    hole = 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and _before(distances[child], ids[child], distances[child + 1], ids[child + 1]):
            child += 1
        if not _before(distance, id_, distances[child], ids[child]):
            break
        distances[hole], ids[hole] = distances[child], ids[child]
        hole = child
    distances[hole], ids[hole] = distance, id_
