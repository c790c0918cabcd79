"""The child processes of this one, as Linux tells of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from waiting import HANG_GUARD


def children() -> list[int]:
    """The process ids of the children that run."""
    return [pid for pid, (state, parent, _) in _all().items() if parent == os.getpid() and state != "Z"]


def wait_until_working(count: int = 1, ticks: int = 30) -> list[int]:
    """Wait until so many children have used some hundredths of a second: more than starting takes."""
    end = time.monotonic() + HANG_GUARD
    while time.monotonic() < end:
        found = _all()
        working = [pid for pid in children() if pid in found and found[pid][2] > ticks]
        if len(working) >= count:
            return working
        time.sleep(0.02)
    raise AssertionError(f"no {count} children are working")


def _all() -> dict[int, tuple[str, int, int]]:
    """State, parent and used processor time of each process; see proc(5)."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found[int(folder.name)] = fields[0], int(fields[1]), int(fields[11]) + int(fields[12])
    return found
