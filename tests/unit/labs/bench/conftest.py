"""What the files that measure memory ask for."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(scope="module")
def small_heap() -> None:
    """Leave what earlier tests made out of the garbage collector's rounds, for good.

    A benchmark that measures memory starts a round before each number; in a process that has run a thousand
    tests a round takes 0.2 s.
    """
    gc.collect()
    gc.freeze()
