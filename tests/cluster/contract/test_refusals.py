"""The contract on refusals, kept by clusters."""

from __future__ import annotations

import pytest

from local_shards import contract_on

pytestmark = pytest.mark.slow
globals().update(contract_on("test_refusals"))
