"""What every index promises; one contract suite holds each of them to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.kernels.metrics import Metric


@dataclass(frozen=True, slots=True)
class Work:
    """What a search cost, summed over its queries.

    Attributes:
        probes: buckets visited.
        candidates: codes compared in those buckets.
        sketches: whole sketches compared.
        distances: vectors compared with a query.
    """

    probes: int = 0
    candidates: int = 0
    sketches: int = 0
    distances: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.probes + other.probes,
            self.candidates + other.candidates,
            self.sketches + other.sketches,
            self.distances + other.distances,
        )


@dataclass(frozen=True, slots=True)
class Neighbors:
    """Answers to q queries, k each; the same shape from every index.

    Attributes:
        ids: (q, k) int64, -1 where fewer than k were found.
        distances: (q, k) float32, infinity where fewer than k were found; each row sorted by (distance, id).
        work: what it cost.
    """

    ids: Ids
    distances: NDArray[np.float32]
    work: Work


class Index(Protocol):
    """A set of (id, vector) pairs that can be asked for the nearest to a query."""

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
        self, queries: ArrayLike, k: int, *, recall: float | None = None, probes: int | None = None
    ) -> Neighbors:
        """Find the k nearest to each query.

        Args:
            queries: (q, dim), or (dim,) for one query, which is a batch of one.
            k: how many neighbours, 1 or more.
            recall: share of the true k nearest that the caller wants on average, in (0, 1]; 1 is exact.
            probes: buckets to visit instead, 1 or more. An exact index needs neither.

        Raises:
            UsageError: k, recall, probes or the queries make no sense.
        """


def check_search(k: int, recall: float | None, probes: int | None) -> None:
    """The gate for a search's numbers.

    Raises:
        UsageError: naming the number that makes no sense.
    """
    if not isinstance(k, int | np.integer) or k < 1:
        raise UsageError(f"k must be a whole number, 1 or more, not {k!r}")
    if recall is not None and not (isinstance(recall, int | float | np.number) and 0 < recall <= 1):
        raise UsageError(f"recall must be above 0 and at most 1, not {recall!r}")
    if probes is not None and (not isinstance(probes, int | np.integer) or probes < 1):
        raise UsageError(f"probes must be a whole number, 1 or more, not {probes!r}")


def check_new(ids: Ids, vectors: Vectors, present: NDArray[np.bool_]) -> None:
    """The gate for pairs to add.

    Raises:
        UsageError: counts differ, or an id is there already.
    """
    if len(ids) != len(vectors):
        raise UsageError(f"each vector needs an id: {len(vectors)} vectors came with {len(ids)} ids")
    if present.any():
        raise UsageError(f"id {ids[present][0]} is in the index already; remove it first to replace it")
