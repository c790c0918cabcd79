"""The interface of every index, and the types of its answers; one test suite checks all indexes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.index.pairs import AllPairs, Asked, check_pairs
from lookalike.kernels.arrays import Ids, Vectors, as_vectors
from lookalike.kernels.metrics import Metric

DEFAULT_RECALL = 0.95
_ROWS_AT_ONCE = 1 << 14
HALVES_OFF = 1e-3
"""How far the length of a float16 row may be from 1: rounding alone may change it by half as much."""

_UNIT = {2: 1.9e-3, 4: 1e-4}  # by bytes of a number, how far the square of a length may be from 1


class Work(NamedTuple):
    """What a search cost, added up over its queries.

    Attributes:
        probes: how many buckets were visited.
        candidates: how many codes were compared: of the rows in those buckets, and of rows in no bucket yet.
        sketches: how many whole sketches were compared.
        distances: how many distances between a query and a row were measured.
    """

    probes: int = 0
    candidates: int = 0
    sketches: int = 0
    distances: int = 0

    def __add__(self, other: Work) -> Work:  # type: ignore[override]
        return Work(
            self.probes + other.probes,
            self.candidates + other.candidates,
            self.sketches + other.sketches,
            self.distances + other.distances,
        )


class Neighbors(NamedTuple):
    """The k nearest rows to each of q queries.

    Attributes:
        ids: (q, k) int64; -1 in the last places of a line if fewer than k were found.
        distances: (q, k) float32, infinity in those places. Each line is in ascending order of
            (distance, id).
        work: what the search cost.
        recall: (q,) float32, an estimate of the share of the true k nearest that each line holds, 0 to 1; it
            is 1 if all rows were scanned. For fewer than ten neighbours it speaks of the ten nearest. Not a
            number (NaN) if ``probes`` or another metric than the index's own were asked for, or the index has
            several tables.
    """

    ids: Ids
    distances: NDArray[np.float32]
    work: Work
    recall: NDArray[np.float32]

    def replaced(self, queries: NDArray[np.bool_], by: Neighbors) -> Neighbors:
        """Replace the answers to those queries that are True in (q,) bool, and add up the work."""
        ids, distances, recall = self.ids.copy(), self.distances.copy(), self.recall.copy()
        ids[queries], distances[queries], recall[queries] = by.ids, by.distances, by.recall
        return Neighbors(ids, distances, self.work + by.work, recall)


class Ranges(NamedTuple):
    """All rows within a radius of each of q queries.

    Attributes:
        starts: (q + 1,) int64; the answers to query i lie at starts[i]:starts[i + 1].
        ids: (total,) int64.
        distances: (total,) float32; the answers to each query are in ascending order of (distance, id).
        work: what the search cost.
    """

    starts: NDArray[np.int64]
    ids: Ids
    distances: NDArray[np.float32]
    work: Work

    @classmethod
    def cut(cls, neighbors: Neighbors, radius: float) -> Ranges:
        """Keep those of the k nearest that lie within a radius."""
        inside = neighbors.distances <= radius
        starts = np.concatenate([[0], np.cumsum(inside.sum(axis=1))])
        return cls(starts, neighbors.ids[inside], neighbors.distances[inside], neighbors.work)

    def replaced(self, queries: NDArray[np.bool_], by: Ranges) -> Ranges:
        """Replace the answers to those queries that are True in (q,) bool, and add up the work."""
        counts = np.diff(self.starts)
        kept = np.repeat(~queries, counts)
        counts[queries] = np.diff(by.starts)
        starts = np.concatenate([[0], np.cumsum(counts)])
        new = np.repeat(queries, counts)
        ids, distances = np.empty(starts[-1], np.int64), np.empty(starts[-1], np.float32)
        ids[new], distances[new] = by.ids, by.distances
        ids[~new], distances[~new] = self.ids[kept], self.distances[kept]
        return Ranges(starts, ids, distances, self.work + by.work)


class Index(Protocol):
    """A set of (id, vector) pairs that finds the pairs nearest to a query."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def metric(self) -> Metric:
        """How distance is measured."""

    def __len__(self) -> int: ...

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; they are found by the next search.

        Args:
            ids: (n,) whole numbers, 0 or more, each new to the index.
            vectors: (n, dim) finite numbers.

        Raises:
            UsageError: anything else; then nothing was added.
        """

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; the next search does not find them.

        Args:
            ids: (n,) ids that are in the index.

        Raises:
            UsageError: an id is not in the index; then nothing was removed.
        """

    def search(
        self,
        queries: ArrayLike,
        k: int,
        *,
        recall: float | None = None,
        probes: int | None = None,
        among: ArrayLike | None = None,
    ) -> Neighbors:
        """Find the k nearest to each query.

        Args:
            queries: (q, dim), or (dim,) for one query, which is a batch of one.
            k: how many neighbours, 1 or more.
            recall: share of the true k nearest that the caller wants on average, in (0, 1]; 1 is exact.
            probes: how many buckets to visit instead, 1 or more. An exact index has use for neither.
            among: (n,) ids; only these can be answers. They need not be in the index.

        Raises:
            UsageError: k, recall, probes, among or the queries make no sense, or both recall and probes are
                given.
        """

    def within(
        self,
        queries: ArrayLike,
        radius: float,
        *,
        recall: float | None = None,
        among: ArrayLike | None = None,
    ) -> Ranges:
        """Find everything within a distance of each query.

        Args:
            queries: (q, dim), or (dim,) for one query.
            radius: the largest distance that counts, as answers state it; 0 or more.
            recall: see ``search``.
            among: see ``search``.

        Raises:
            UsageError: radius, recall, among or the queries make no sense.
        """

    def pairs(
        self,
        radius: float,
        *,
        recall: float | None = None,
        rows: tuple[int, int] | None = None,
        threads: int | None = None,
        among: ArrayLike | None = None,
    ) -> AllPairs:
        """Find every pair of rows within a distance of each other, each once, from the smaller id's side.

        The answer is iterated over, and finds pairs as they are asked for: arrays of at most 65,536 pairs, in
        ascending order of (first id, distance, second id). They are those of the rows as they are when this
        is called. The memory taken does not grow with the number of pairs.

        Args:
            radius: the largest distance that counts, as answers state it; 0 or more.
            recall: share of the pairs that the caller wants, in (0, 1]; 1 is exact. The answer says what
                share of the pairs of some rows it finds, measured against a scan.
            rows: (start, stop); only pairs whose smaller id is at least ``start`` and below ``stop``, so that
                one can go on after an interruption, or share the work among processes. None for all.
            threads: how many work at the same time; None for one per core.
            among: see ``search``; both rows of a pair must be among them.

        Raises:
            UsageError: a value makes no sense.
        """


def check_search(k: int, recall: float | None, probes: int | None = None) -> None:
    """The gate for a search's numbers.

    Raises:
        UsageError: naming the number that makes no sense; or recall and probes are both given.
    """
    if not isinstance(k, int | np.integer) or k < 1:
        raise UsageError(f"k must be a whole number, 1 or more, not {k!r}")
    if recall is not None and not (isinstance(recall, int | float | np.number) and 0 < recall <= 1):
        raise UsageError(f"recall must be above 0 and at most 1, not {recall!r}")
    if probes is not None and (not isinstance(probes, int | np.integer) or probes < 1):
        raise UsageError(f"probes must be a whole number, 1 or more, not {probes!r}")
    if recall is not None and probes is not None:
        raise UsageError("recall and probes each say how far a search goes; give one of them, not both")


def check_radius(radius: float) -> float:
    """The gate for a radius.

    Returns:
        The radius rounded to float32, like the distances that it limits.

    Raises:
        UsageError: it is not a number, or below 0.
    """
    if not isinstance(radius, int | float | np.number) or not radius >= 0:
        raise UsageError(f"radius must be a number, 0 or more, not {radius!r}")
    with np.errstate(over="ignore"):
        return float(np.float32(min(radius, 1e300)))  # what is larger is infinite anyway


def asked_pairs(
    radius: float,
    recall: float | None,
    rows: tuple[int, int] | None,
    threads: int | None,
    among: ArrayLike | None,
) -> Asked:
    """The gate for a question for pairs.

    Raises:
        UsageError: naming the number that makes no sense.
    """
    check_search(1, recall)
    check_pairs(rows, threads)
    return Asked(check_radius(radius), DEFAULT_RECALL if recall is None else recall, rows, threads, among)


def check_new(ids: Ids, vectors: Vectors, present: NDArray[np.bool_]) -> None:
    """The gate for pairs to add.

    Raises:
        UsageError: counts differ, or an id is there already.
    """
    if len(ids) != len(vectors):
        raise UsageError(f"each vector needs an id: {len(vectors)} vectors came with {len(ids)} ids")
    if present.any():
        raise UsageError(f"id {ids[present][0]} is in the index already; remove it first to replace it")


def check_prepared(vectors: NDArray[np.floating], metric: Metric) -> None:
    """The gate for rows, (n, dim) float32 or float16, that an index takes over without a copy.

    Raises:
        UsageError: a value is out of range, or a row has not the length 1, or 0, that the metric asks for.
    """
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        some = as_vectors(vectors[start : start + _ROWS_AT_ONCE], vectors.shape[1])
        squares = np.einsum("ij,ij->i", some, some)
        unit = (np.abs(squares - 1) <= _UNIT[vectors.itemsize]) | (squares == 0)
        if metric.formula.unit_rows and not unit.all():
            raise UsageError(f"vectors must have length 1, or 0; one from row {start} on has not")
