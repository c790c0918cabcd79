"""The contract on refusals, kept by clusters."""

from __future__ import annotations

import pytest

from contenders import Kind
from local_shards import contract_on, local_cluster

pytestmark = pytest.mark.slow
globals().update(contract_on("test_refusals"))


@pytest.fixture
def kind() -> Kind:
    """One alone: a cluster refuses before it asks a shard, so whether shards have tables does not matter."""
    return Kind("hashing", local_cluster(tables=4, bits=6), ({"recall": 1.0}, {"exact": True}))
