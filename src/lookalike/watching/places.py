"""States of paths, by which one notices that a folder was replaced, or a drive was mounted or taken away."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")  # of Linux; see proc(5)
_ESCAPED = re.compile(rb"\\([0-7]{3})")

State = tuple[tuple[int, int], frozenset[Path]]
"""Device and number of a folder or file, and where other drives are mounted below it."""


def states(places: Iterable[Path]) -> dict[Path, State]:
    """What stands at each of some absolute paths; those where nothing is, or may be looked at, are left out.

    A folder that was deleted and made again, and a drive that was mounted at or below a path or taken away,
    change its state. Files that come and go do not.
    """
    mounts = _mounts()
    found = {}
    for place in places:
        with suppress(OSError, ValueError):
            status = place.stat()
            below = frozenset(mount for mount in mounts if mount != place and mount.is_relative_to(place))
            found[place] = ((status.st_dev, status.st_ino), below)
    return found


def _mounts() -> list[Path]:
    """Where drives are mounted; empty on systems that do not say it in a file."""
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return []
    return [
        Path(os.fsdecode(_ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), line.split(b" ")[4])))
        for line in lines
    ]
