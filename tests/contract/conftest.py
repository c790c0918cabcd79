"""Every index, with every metric."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contenders import KINDS, Kind, Pair
from oracle import METRICS


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(params=METRICS)
def metric(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(kind: Kind, metric: str) -> Callable[[int], Pair]:
    """Makes an empty index of this kind and metric, and its oracle, for vectors of a length."""
    return lambda dim: Pair(kind, metric, dim)
