"""The contract on nearest neighbours, kept by clusters."""

from __future__ import annotations

from local_shards import contract_on

globals().update(contract_on("test_index"))
