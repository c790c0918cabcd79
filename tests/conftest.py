"""Fixtures that every kind of test may ask for."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

# Tests share the cores. PyTorch reads this when it is imported, and more threads than cores wait by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """Take what is there by now out of the garbage collector's rounds: it is much, and stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout; tests that need it are marked ``shared``."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there is no shared data at {folder}")
    return folder
