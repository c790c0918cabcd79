"""Everything here needs the extra ``cluster``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

# Before Ray is imported: else it takes an address on the loopback for another of this machine's.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  so Ray calls it
os.environ["RAY_memory_monitor_refresh_ms"] = "0"  # noqa: SIM112  others' memory is no reason to kill ours
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of these packages, about what others than their users can mend
    for package in ("lance", "ray.data", "ray.serve", "ray.serve.schema"):
        pytest.importorskip(package)

from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.store import FileStamp

DIM = 8


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return str(tmp_path / "pictures.lance")


@pytest.fixture
def table(uri: str) -> Table:
    return Table.create(uri, "tiny", "f" * 64, DIM)


@pytest.fixture(scope="session")
def unit() -> Callable[[int, int], NDArray[np.float32]]:
    """Makes (count, DIM) random rows of unit length."""

    def make(count: int, seed: int = 0) -> NDArray[np.float32]:
        rows = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    return make


@pytest.fixture(scope="session")
def rows(unit: Callable[[int, int], NDArray[np.float32]]) -> Callable[..., list[Row]]:
    """Makes rows with as many different pictures."""

    def make(count: int, seed: int = 0) -> list[Row]:
        digests = np.random.default_rng(seed).bytes(32 * count)
        return [
            Row(
                digests[32 * i : 32 * i + 32],
                (Path(f"/shared/{seed}/{i}.jpg"),),
                FileStamp(i, 7),
                "JPEG",
                3,
                4,
                v,
            )
            for i, v in enumerate(unit(count, seed))
        ]

    return make
