"""Nearest neighbours by SciPy and a sort: what every index is held to.

Nothing of `lookalike` is used here but the names of its metrics, so that a new one is tested everywhere. A
metric that SciPy knows by the same name needs nothing here. A distance is computed in float64 from
the vectors as the caller gave them, rounded to float32 as answers are, and ties are settled by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from lookalike.kernels import metrics

METRICS = (*metrics.METRICS, "minkowski:1.5")
_POWERS = {"manhattan": 1.0, "euclidean": 2.0, "minkowski": 3.0}


def distances(metric: str, queries: ArrayLike, rows: ArrayLike) -> NDArray[np.float64]:
    """Distances between (q, dim) queries and (n, dim) rows, (q, n)."""
    left, right = np.asarray(queries, np.float64), np.asarray(rows, np.float64)
    if not len(left) or not len(right):
        return np.empty((len(left), len(right)))
    name, _, power = metric.partition(":")
    if name == "hamming":
        return np.asarray(cdist(left > 0, right > 0, "hamming") * left.shape[1])
    if name == "cosine":
        # Equal vectors must not lie 1e-16 apart. SciPy has no number for a row of zeros.
        return np.asarray((1 - _of_length_1(left) @ _of_length_1(right).T).round(9))
    if name in _POWERS:
        return np.asarray(cdist(left, right, "minkowski", p=float(power or _POWERS[name])))
    return np.asarray(cdist(left, right, name))


def _of_length_1(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled to length 1, but for rows of zeros, however small or large their values are."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    grown = rows / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(grown, axis=1, keepdims=True)
    return np.asarray(grown / np.where(lengths > 0, lengths, 1))


class Oracle:
    """A dict of vectors that answers like an index, slowly and certainly."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.vectors: dict[int, NDArray[np.float64]] = {}

    def __len__(self) -> int:
        return len(self.vectors)

    def add(self, ids: Iterable[int], vectors: ArrayLike) -> None:
        for id_, vector in zip(ids, np.asarray(vectors, np.float64), strict=True):
            self.vectors[int(id_)] = vector

    def remove(self, ids: Iterable[int]) -> None:
        for id_ in ids:
            del self.vectors[int(id_)]

    def ids(self) -> list[int]:
        return sorted(self.vectors)

    def search(
        self, queries: ArrayLike, k: int, among: Collection[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and distances, (q, k), padded with -1 and infinity; of some ids only, where they are given."""
        ranked = self._ranked(queries, among)
        ids = np.full((len(ranked), k), -1, np.int64)
        nearest = np.full((len(ranked), k), np.inf, np.float32)
        for place, (known, measured) in enumerate(ranked):
            count = min(k, len(known))
            ids[place, :count], nearest[place, :count] = known[:count], measured[:count]
        return ids, nearest

    def within(
        self, queries: ArrayLike, radius: float, among: Collection[int] | None = None
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """For each query ids and distances of what lies within a radius; both are rounded as answers are."""
        with np.errstate(over="ignore"):  # to infinity
            limit = np.float32(radius)
        return [
            (known[measured <= limit], measured[measured <= limit])
            for known, measured in self._ranked(queries, among)
        ]

    def _ranked(
        self, queries: ArrayLike, among: Collection[int] | None
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """For each query all ids and their distances, sorted by (distance, id)."""
        wanted = self.vectors.keys() if among is None else self.vectors.keys() & set(map(int, among))
        known = np.array(sorted(wanted), np.int64)
        measured = distances(self.metric, queries, [self.vectors[id_] for id_ in known.tolist()])
        orders = [(np.lexsort((known, row)), row) for row in measured.astype(np.float32)]
        return [(known[order], row[order]) for order, row in orders]
