"""Keeps the warnings of image decoders away from people, in threads that run side by side.

Pillow warns when it recovers from damage ("Corrupt EXIF data"); for a folder of photos that is noise, and in
a program that turns warnings into errors it would refuse good images. ``warnings.catch_warnings`` swaps one
list that all threads share, so two threads that leave it in the wrong order change the program for good. Here
one filter stays in the list, and only a thread that is inside `silence` matches it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class _Thread(threading.local):
    silent = False


_thread = _Thread()
_installing = threading.Lock()


class _MatchesInSilence(type):
    """Makes every class a subclass of `_Unheard`, as the warnings filter asks, on silent threads only."""

    def __subclasscheck__(cls, subclass: type) -> bool:
        return _thread.silent


class _Unheard(Warning, metaclass=_MatchesInSilence):
    """The category of the one filter."""


@contextmanager
def silence() -> Iterator[None]:
    """Drop the warnings that this thread raises in the ``with`` block; other threads are not touched."""
    _install()
    before, _thread.silent = _thread.silent, True
    try:
        yield
    finally:
        _thread.silent = before


def _install() -> None:
    """Put the filter first, before any that somebody added since."""
    if not _is_first():
        with _installing:
            if not _is_first():
                warnings.simplefilter("ignore", category=_Unheard)


def _is_first() -> bool:
    return bool(warnings.filters) and warnings.filters[0][2] is _Unheard
