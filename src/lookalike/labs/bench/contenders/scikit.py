"""scikit-learn: exact search by brute force. A fitted model's rows can be neither added to nor removed."""

from __future__ import annotations

from typing import Any

from sklearn.neighbors import NearestNeighbors

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting


class BruteForce(Contender):
    """``NearestNeighbors`` by Euclidean distance, its fastest: the order is the same for rows of length 1."""

    name = "scikit-learn brute force"
    copied_bytes = 0

    def build(self, vectors: Vectors) -> None:
        """Keep a reference to the rows, which is all that brute force needs."""
        self.index: Any = NearestNeighbors(algorithm="brute", metric="euclidean", n_jobs=1).fit(vectors)

    def settings(self) -> list[Setting]:
        """One empty setting: exact search has nothing to set."""
        return [{}]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Compare each query with all rows."""
        found: Found = self.index.kneighbors(queries, k, return_distance=False, **setting)
        return found


def contenders(rows: int) -> list[Contender]:
    """One contender, the brute-force search."""
    return [BruteForce()]
