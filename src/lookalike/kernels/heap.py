"""The k nearest so far, as a binary heap with the worst of them on top."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, inline="always")
def _before(distance: np.float32, id_: np.int64, other: np.float32, other_id: np.int64) -> bool:
    """Whether the first pair comes before the second in an answer: nearer, or as near with a smaller id."""
    return bool(distance < other or (distance == other and id_ < other_id))


@njit(cache=True, nogil=True)
def push(
    distances: NDArray[np.float32], ids: NDArray[np.int64], size: int, distance: np.float32, id_: np.int64
) -> int:
    """Offer a pair; a full heap keeps it in place of its worst, or not at all.

    Args:
        distances: (k,) float32, a heap in its first ``size`` places.
        ids: (k,) int64, likewise.
        size: pairs there are.
        distance: of the pair offered.
        id_: of the pair offered.

    Returns:
        The new size.
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
    """Turn a heap of ``size`` pairs into a list sorted by (distance, id), in place."""
    for last in range(size - 1, 0, -1):
        distance, id_ = distances[last], ids[last]
        distances[last], ids[last] = distances[0], ids[0]
        _sink(distances, ids, last, distance, id_)


@njit(cache=True, nogil=True)
def _sink(
    distances: NDArray[np.float32], ids: NDArray[np.int64], size: int, distance: np.float32, id_: np.int64
) -> None:
    """Put a pair in place of the top of a heap of ``size`` pairs."""
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
