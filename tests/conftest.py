"""Fixtures that every kind of test may ask for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept_decoders import kept_decoders

# Tests share the cores. PyTorch reads this when it is imported, and more threads than cores wait by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")


_TESTS = Path(__file__).parent
_PYTORCH = (
    _TESTS / "unit" / "labs" / "learn", _TESTS / "unit" / "labs" / "attack", _TESTS / "e2e" / "test_lab.py"
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say for ``--dist loadgroup`` which tests one worker runs: those of a file, and all that use PyTorch.

    The latter come first: they are the largest group, and only one worker then pays for PyTorch's memory.
    """
    groups = {}
    for item in items:
        pytorch = any(item.path.is_relative_to(place) for place in _PYTORCH)
        groups[item] = "pytorch" if pytorch else item.path.relative_to(_TESTS).as_posix()
        item.add_marker(pytest.mark.xdist_group(groups[item]))
    items.sort(key=lambda item: groups[item] != "pytorch")


def pytest_collection_finish() -> None:
    """Take what is there by now out of the garbage collector's rounds: it is much, and stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _decoders_are_kept() -> Iterator[None]:
    with kept_decoders():
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout; tests that need it are marked ``shared``."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there is no shared data at {folder}")
    return folder
