"""Processes and their children, as Linux tells of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from waiting import HANG_GUARD


def children(of: int | None = None) -> list[int]:
    """The process ids of the children of a process that run; of this process, if none is named."""
    parent = of or os.getpid()
    return [pid for pid, process in _all().items() if process.parent == parent]


def running() -> list[int]:
    """The process ids of all processes that run."""
    return list(_all())


def wait_until_working(count: int = 1, ticks: int = 30, of: int | None = None) -> list[int]:
    """Wait until so many children have used some hundredths of a second: more than starting takes.

    Children of this process that have used them already, which an earlier test left, do not count.

    Returns:
        The process ids of those that have.
    """
    earlier = {pid for pid, one in _all().items() if of is None and one.ticks > ticks}
    end = time.monotonic() + HANG_GUARD
    while time.monotonic() < end:
        found = _all()
        parent = of or os.getpid()
        working = [
            pid
            for pid, one in found.items()
            if one.parent == parent and one.ticks > ticks and pid not in earlier
        ]
        if len(working) >= count:
            return working
        time.sleep(0.02)
    raise AssertionError(f"no {count} children are working")


class _Process(NamedTuple):
    parent: int
    ticks: int


def _all() -> dict[int, _Process]:
    """Parent and used processor time of each process that has not ended; see proc(5)."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(folder.name)] = _Process(int(fields[1]), int(fields[11]) + int(fields[12]))
    return found
