"""Clusters of three shards over a Lance table, as kinds of index for the tests of ``tests/contract``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("lance")

from contenders import ALL_BUCKETS, Kind, Pair
from local_shards import ClusterPair, local_cluster
from oracle import METRICS

_BY_RECALL: dict[str, Any] = {"recall": 1.0}
_BY_SCAN: dict[str, Any] = {"exact": True}
_BY_PROBES: dict[str, Any] = {"probes": ALL_BUCKETS}
KINDS = (
    Kind("scanning", local_cluster(), ({}, _BY_RECALL, {"probes": 1}, _BY_SCAN)),
    Kind("hashing", local_cluster(tables=4, bits=6), (_BY_RECALL, _BY_SCAN, _BY_PROBES)),
)
_METRICS = [metric for metric in METRICS if metric in ("cosine", "euclidean")]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(params=_METRICS)
def metric(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(kind: Kind, metric: str) -> Callable[[int], Pair]:
    return lambda dim: ClusterPair(kind, metric, dim)
