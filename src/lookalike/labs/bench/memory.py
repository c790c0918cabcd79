"""Memory of this process, as Linux accounts for it."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

_STATUS = Path("/proc/self/status")


def private_bytes() -> int | None:
    """Resident memory of the process that no file backs, after what was freed has been given back.

    Rows mapped from a file are left out: the system takes those pages back whenever it needs them.

    Returns:
        Bytes; None on systems other than Linux.
    """
    if not _STATUS.exists():
        return None
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc, whose malloc keeps what is freed for later
        trim(0)
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return next(int(words[1]) * 1024 for words in lines if words[0] == "RssAnon:")
