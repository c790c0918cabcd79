"""Nearest neighbours by scikit-learn and a sort: what every index is held to.

Nothing of `lookalike` is used here but the names of its metrics, so that a new one is tested everywhere. A
metric that scikit-learn knows by the same name needs nothing here. A distance is computed in float64 from
the vectors as the caller gave them, rounded to float32 as answers are, and ties are settled by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import config_context
from sklearn.metrics import pairwise_distances

from lookalike.kernels import metrics

METRICS = (*metrics.METRICS, "minkowski:1.5")
_POWERS = {"manhattan": 1.0, "euclidean": 2.0, "minkowski": 3.0}


def distances(metric: str, queries: ArrayLike, rows: ArrayLike) -> NDArray[np.float64]:
    """Distances between (q, dim) queries and (n, dim) rows, (q, n)."""
    left, right = np.asarray(queries, np.float64), np.asarray(rows, np.float64)
    if not len(left) or not len(right):
        return np.empty((len(left), len(right)))
    with config_context(assume_finite=True, skip_parameter_validation=True):  # that takes most of its time
        return np.asarray(_measured(metric, left, right), np.float64)


def _measured(metric: str, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    name, _, power = metric.partition(":")
    if name == "hamming":
        return pairwise_distances((left > 0) * 1.0, (right > 0) * 1.0, "hamming") * left.shape[1]
    if name == "cosine":
        # Equal vectors must not lie 1e-16 apart, and scikit-learn takes vectors below 1e-15 for zeros.
        return pairwise_distances(_grown(left), _grown(right), "cosine").round(9)
    if name in _POWERS:
        return pairwise_distances(left, right, "minkowski", p=float(power or _POWERS[name]))
    return pairwise_distances(left, right, name)


def _grown(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows whose largest value is ±1, but for rows of zeros."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    return rows / np.where(largest > 0, largest, 1)


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
