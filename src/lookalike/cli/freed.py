"""Freed memory: kept for what is allocated next, instead of being given back to the system after every look.

A second look allocates and frees some 10 MB of arrays again and again. glibc by default gives more than a few
MB of freed memory back at once, so the system must hand out, and clear, the same pages for each picture: a
tenth of a second look's time. A search by a new process asks for every page only once if it gives none back.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h
_KEPT = 16 << 20  # bytes of freed memory that each arena keeps; threads share arenas
_LARGE = 4 << 20  # bytes from which an array has pages of its own, which go back when it is freed
_KEPT_TO_THE_END, _LARGEST = 64 << 20, 32 << 20
"""The same if the process ends soon; glibc takes no larger one for arrays."""


def keep_freed_memory(*, ends_soon: bool = False) -> None:
    """Let this process keep a little of what it frees; does nothing where malloc is not glibc's.

    It is for a whole process, so the program does it, and never the library: that may be a guest in another.

    Args:
        ends_soon: whether nearly all may be kept, since the process ends within a second or so.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(_TRIM_THRESHOLD, _KEPT_TO_THE_END if ends_soon else _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGEST if ends_soon else _LARGE)
