"""How long a test waits before it has failed, and waiting for an index's work in the background."""

from __future__ import annotations

import threading
import time

from lookalike.index import LSHIndex

HANG_GUARD = 300.0  # seconds, on the slowest machine; a test that waits as long has failed


def filling() -> bool:
    """Whether any index is filling its tables."""
    return any(thread.name == "lookalike index" for thread in threading.enumerate())


def end_of_filling() -> None:
    """Wait until no index is filling its tables."""
    end = time.monotonic() + HANG_GUARD
    while filling():
        assert time.monotonic() < end, "the tables were not filled in time"
        time.sleep(0.002)


def wait_until_filled(index: LSHIndex) -> None:
    """Wait for tables that are being filled; then nothing may be due any more."""
    end_of_filling()
    assert not index.stale
