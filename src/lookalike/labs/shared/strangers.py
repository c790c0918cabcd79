"""How near different pictures come to each other: what a border on the distance lets in by mistake."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

_BLOCK = 512  # rows compared with all others at a time


class Strangers(NamedTuple):
    """The nearest pairs of pictures of different classes.

    Attributes:
        nearest: ascending cosine distances, float64; of all pairs the nearest ones.
        pairs: how many pairs there are.
    """

    nearest: NDArray[np.float64]
    pairs: int

    def within(self, distance: float) -> float:
        """Share of the pairs at this distance or nearer; too low where more were near than were kept."""
        return float(np.searchsorted(self.nearest, distance, side="right") / max(1, self.pairs))

    def distance_of(self, rate: float) -> float:
        """The distance within which a share ``rate`` of the pairs lies; with few pairs, the least of all."""
        return float(self.nearest[min(int(rate * self.pairs), len(self.nearest) - 1)])


def nearest_strangers(embeddings: Vectors, labels: NDArray[np.int64], keep: int = 100_000) -> Strangers:
    """Find the nearest pairs of different classes.

    Pairs of one class are left out: many collections hold the same picture twice there.

    Args:
        embeddings: (n, dim) of unit length.
        labels: (n,) classes.
        keep: how many pairs to return at most.
    """
    nearest = np.empty(0)
    pairs = 0
    for start in range(0, len(embeddings), _BLOCK):
        rows = slice(start, start + _BLOCK)
        distances = 1.0 - embeddings[rows] @ embeddings[start:].T
        later = np.arange(distances.shape[1]) > np.arange(distances.shape[0])[:, None]
        strangers = distances[later & (labels[rows, None] != labels[None, start:])]
        pairs += len(strangers)
        nearest = np.concatenate([nearest, strangers])
        if len(nearest) > keep:
            nearest = np.partition(nearest, keep)[:keep]
    return Strangers(np.sort(nearest), pairs)
