"""The indexes under contract, each paired with the oracle that it must agree with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.index import ExactIndex, Index, LSHIndex
from lookalike.index.base import Neighbors, Work
from oracle import Oracle

ALL_BUCKETS = 1 << 30
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Kind:
    """A sort of index.

    Attributes:
        name: as it shows in test ids.
        make: from (dim, metric).
        exact_ways: keyword arguments with which a search must answer exactly.
        tables: hash tables of a settled index; 0 where it scans.
        buckets: over all tables.
    """

    name: str
    make: Callable[[int, str], Index]
    exact_ways: tuple[dict[str, Any], ...]
    tables: int = 0
    buckets: int = 0

    @property
    def exact_ranges(self) -> tuple[dict[str, Any], ...]:
        """Keyword arguments with which all neighbours within a radius must be found."""
        return tuple(way for way in self.exact_ways if "probes" not in way)


def _lsh(**settings: Any) -> Callable[[int, str], Index]:
    return lambda dim, metric: LSHIndex(dim, metric=metric, **settings)


class _OneByOne(LSHIndex):
    """An LSH index that is asked for one query per call, however many there are."""

    def search(self, queries: ArrayLike, k: int, **way: Any) -> Neighbors:
        """Answer each row of an array by itself, if it has any."""
        if not isinstance(queries, np.ndarray) or queries.ndim != 2 or not len(queries):
            return super().search(queries, k, **way)
        rows = queries.astype(np.float32)
        answers = [super(_OneByOne, self).search(row, k, **way) for row in rows]
        return Neighbors(
            np.concatenate([answer.ids for answer in answers]),
            np.concatenate([answer.distances for answer in answers]),
            sum((answer.work for answer in answers), Work()),
            np.concatenate([answer.recall for answer in answers]),
        )


_BY_RECALL: dict[str, Any] = {"recall": 1.0}
_BY_SCAN: dict[str, Any] = {"exact": True}
_BY_PROBES: dict[str, Any] = {"probes": ALL_BUCKETS}
KINDS = (
    Kind("exact", ExactIndex, ({}, _BY_RECALL, {"recall": 0.5}, {"probes": 1})),
    Kind("lsh-left-open", _lsh(), ({}, _BY_RECALL, {"recall": 0.5}, {"probes": 1}, _BY_SCAN)),
    Kind(
        "lsh-4x6-principal", _lsh(tables=4, bits=6), (_BY_RECALL, _BY_SCAN, _BY_PROBES), tables=4, buckets=256
    ),
    Kind(
        "lsh-3x5-gaussian",
        _lsh(tables=3, bits=5, planes="gaussian", seed=7),
        (_BY_RECALL, _BY_SCAN, _BY_PROBES),
        tables=3,
        buckets=96,
    ),
    Kind("lsh-12-cells", _lsh(cells=12), (_BY_RECALL, _BY_SCAN, _BY_PROBES), tables=1, buckets=12),
    Kind(
        "lsh-cells-one-by-one",
        lambda dim, metric: _OneByOne(dim, metric=metric, cells=9),
        (_BY_RECALL, _BY_SCAN, _BY_PROBES),
        tables=1,
        buckets=9,
    ),
    Kind(
        "lsh-one-by-one",
        lambda dim, metric: _OneByOne(dim, metric=metric, tables=1, bits=6),
        (_BY_RECALL, _BY_SCAN, _BY_PROBES),
        tables=1,
        buckets=64,
    ),
)


def check_same(found: NDArray[np.int64], expected: NDArray[np.int64], what: str) -> None:
    """Ids must be equal, one by one; only if they are not is numpy asked which, which takes a while."""
    if not np.array_equal(found, expected):
        np.testing.assert_array_equal(found, expected, err_msg=what)


def check_close(found: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    """Distances must be equal, one by one, but for the last digits of float32."""
    if not np.array_equal(found, expected):
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=3e-7)


class Pair:
    """An index and the oracle, changed together."""

    def __init__(self, kind: Kind, metric: str, dim: int) -> None:
        self.kind = kind
        self.index = kind.make(dim, metric)
        self.oracle = Oracle(metric)

    def add(self, ids: Any, vectors: Any) -> None:
        self.index.add(ids, vectors)
        self.oracle.add(ids, vectors)

    def remove(self, ids: Any) -> None:
        self.index.remove(ids)
        self.oracle.remove(ids)

    def settle(self) -> None:
        """Fill the tables, where the index has any."""
        if isinstance(self.index, LSHIndex):
            self.index.settle()
            assert self.index.hashed == bool(self.kind.tables and len(self.index))

    def check(
        self,
        queries: ArrayLike,
        k: int,
        ways: tuple[dict[str, Any], ...] | None = None,
        *,
        among: Collection[int] | None = None,
    ) -> None:
        """Every exact way of searching must agree with the oracle in every place."""
        ids, distances = self.oracle.search(queries, k, among)
        restricted: dict[str, Any] = {} if among is None else {"among": among}
        for way in self.kind.exact_ways if ways is None else ways:
            found = self.index.search(queries, k, **way, **restricted)
            assert found.ids.dtype == np.int64
            assert found.distances.dtype == np.float32
            check_same(found.ids, ids, f"searched with {way}")
            check_close(found.distances, distances)

    def check_within(
        self, queries: ArrayLike, radius: float, *, among: Collection[int] | None = None
    ) -> list[int]:
        """Every exact way of asking must agree with the oracle; how many each query has comes back."""
        expected = self.oracle.within(queries, radius, among)
        counts = [len(ids) for ids, _ in expected]
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in expected)])
        distances = np.concatenate([np.empty(0, np.float32), *(distances for _, distances in expected)])
        restricted: dict[str, Any] = {} if among is None else {"among": among}
        for way in self.kind.exact_ranges:
            found = self.index.within(queries, radius, **way, **restricted)
            assert found.starts.dtype == found.ids.dtype == np.int64
            assert found.distances.dtype == np.float32
            assert found.starts.tolist() == [0, *np.cumsum(counts, dtype=np.int64).tolist()]
            check_same(found.ids, ids, f"asked with {way}")
            check_close(found.distances, distances)
        return counts


def fill(both: Pair) -> Pair:
    """Add 80 living rows: a main part and a tail, dead rows in both, the least and the greatest id."""
    ids = [*np.random.default_rng(2).permutation(5000)[:87].tolist(), 0, 5000, LARGEST_ID]
    vectors = np.random.default_rng(0).standard_normal((90, both.index.dim)).astype(np.float32)
    both.add(ids[:60], vectors[:60])
    both.settle()
    both.add(ids[60:], vectors[60:])
    both.remove([*ids[10:15], *ids[70:75]])
    return both


@cache
def filled_once(sort: type[Pair], kind: Kind, metric: str, dim: int) -> Pair:
    """What ``fill`` makes of an empty pair, one for all tests that only ask it: to make it takes 7 ms."""
    return fill(sort(kind, metric, dim))
