"""The indexes under contract, each paired with the oracle that it must agree with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lookalike.index import ExactIndex, Index, LSHIndex
from oracle import Oracle

ALL_BUCKETS = 1 << 30


@dataclass(frozen=True)
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


def _lsh(**settings: Any) -> Callable[[int, str], Index]:
    return lambda dim, metric: LSHIndex(dim, metric=metric, **settings)


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
)


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

    def check(self, queries: ArrayLike, k: int, ways: tuple[dict[str, Any], ...] | None = None) -> None:
        """Every exact way of searching must agree with the oracle in every place."""
        ids, distances = self.oracle.search(queries, k)
        for way in self.kind.exact_ways if ways is None else ways:
            found = self.index.search(queries, k, **way)
            assert found.ids.dtype == np.int64
            assert found.distances.dtype == np.float32
            np.testing.assert_array_equal(found.ids, ids, err_msg=f"searched with {way}")
            np.testing.assert_allclose(found.distances, distances, rtol=2e-6, atol=3e-7)
