"""Clusters of three shards over a Lance table, as kinds of index for the tests of ``tests/contract``.

Each kind has one metric. A cluster sends queries to its shards and merges their answers, which neither the
metric nor the tables of a shard change; each metric with each kind of shard is tested in ``tests/contract``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("lance")

from contenders import ALL_BUCKETS, Kind, Pair
from local_shards import ClusterPair, local_cluster

_BY_RECALL: dict[str, Any] = {"recall": 1.0}
_BY_SCAN: dict[str, Any] = {"exact": True}
_BY_PROBES: dict[str, Any] = {"probes": ALL_BUCKETS}
KINDS = (
    Kind("scanning", local_cluster(), ({}, _BY_RECALL, {"probes": 1}, _BY_SCAN)),
    Kind("hashing", local_cluster(tables=4, bits=6), (_BY_RECALL, _BY_SCAN, _BY_PROBES)),
)
_METRICS = {"scanning": "euclidean", "hashing": "cosine"}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def metric(kind: Kind) -> str:
    return _METRICS[kind.name]


@pytest.fixture
def pair(kind: Kind, metric: str) -> Callable[[int], Pair]:
    return lambda dim: ClusterPair(kind, metric, dim)
