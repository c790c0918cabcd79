"""Imports Ray and Lance as tests need them; whoever imports this is skipped where they are not installed."""

from __future__ import annotations

import os
import warnings

import pytest

# Before Ray is imported: else it takes an address on the loopback for another of this machine's.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  so Ray calls it
os.environ["RAY_memory_monitor_refresh_ms"] = "0"  # noqa: SIM112  others' memory is no reason to kill ours
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of these packages, about what others than their users can mend
    for package in ("lance", "ray.data", "ray.serve", "ray.serve.schema"):
        pytest.importorskip(package)
