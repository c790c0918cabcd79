"""Waiting for the work that an index does in the background."""

from __future__ import annotations

import threading
import time

from lookalike.index import LSHIndex

MOST_SECONDS = 300.0  # on the slowest machine; a test that meets it has failed


def filling() -> bool:
    """Whether any index is filling its tables."""
    return any(thread.name == "lookalike index" for thread in threading.enumerate())


def end_of_filling() -> None:
    """Wait until no index is filling its tables."""
    end = time.monotonic() + MOST_SECONDS
    while filling():
        assert time.monotonic() < end, "the tables were not filled in time"
        time.sleep(0.002)


def wait_until_filled(index: LSHIndex) -> None:
    """Wait for tables that are being filled; then nothing may be due any more."""
    end_of_filling()
    assert not index.stale
