"""Memory of this process, as Linux accounts for it."""

from __future__ import annotations

import ctypes
import gc
import threading
from pathlib import Path
from typing import Self

_STATUS = Path("/proc/self/status")
_STEP = 0.02  # seconds


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
    return _resident()


class Peak:
    """Watches the same number while a block of code runs, without giving back what was freed.

    Attributes:
        bytes: the most that was seen; None on systems other than Linux.
    """

    def __init__(self) -> None:
        """Watch nothing before the block is entered."""
        self.bytes: int | None = None
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="memory")

    def __enter__(self) -> Self:
        if _STATUS.exists():
            self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def _watch(self) -> None:
        self.bytes = _resident()
        while not self._over.wait(_STEP):
            self.bytes = max(self.bytes, _resident())


def _resident() -> int:
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return next(int(words[1]) * 1024 for words in lines if words[0] == "RssAnon:")
