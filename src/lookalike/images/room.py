"""Room for the pixels of pictures that are decoded at the same time, so that their sum stays bounded."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition

SMALL_PIXELS = 2_000_000
"""Pictures of no more pixels need not ask."""

LARGE_PIXELS = 16_000_000
"""A picture of more pixels is large: nothing else waits for it, as far as that can be had."""


class Room:
    """Lets pictures in, one after the other in the order in which they asked; safe in many threads."""

    def __init__(self, pixels: int) -> None:
        """Room for so many pixels; a picture that has more is let in when it is alone."""
        self._pixels = pixels
        self._taken = 0
        self._waiting: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def taken(self, pixels: int, given_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Take room, when there is some, for the time of the ``with`` block.

        Args:
            pixels: of the picture.
            given_up: asked again after each ``wake``: whether the room is of no use any more. The block is
                then entered without it.
        """
        share = 0 if pixels <= SMALL_PIXELS else min(pixels, self._pixels)
        if share:
            share = self._wait(share, given_up)
        try:
            yield
        finally:
            if share:
                with self._changed:
                    self._taken -= share
                    self._changed.notify_all()

    def wake(self) -> None:
        """Let those that wait find out whether they have given up."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, share: int, given_up: Callable[[], bool]) -> int:
        """The pixels that were taken: ``share``, or none for one that has given up."""
        ticket = object()

        def is_next() -> bool:
            return self._waiting[0] is ticket and self._taken + share <= self._pixels

        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: given_up() or is_next())
                if given_up():
                    return 0
                self._taken += share
                return share
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()  # the next one may fit as well


_CORES = os.cpu_count() or 1
_LARGE = Room(max(48_000_000, 8_000_000 * _CORES))
_OTHERS = Room(max(24_000_000, 4_000_000 * _CORES))


def taken(pixels: int, given_up: Callable[[], bool] = lambda: False) -> AbstractContextManager[None]:
    """Take room in this process for a picture, which another process may decode for it; as ``Room.taken``.

    All large pictures share 48 million pixels, or 8 million per core if that is more, and all others half as
    many, so that these never wait for large ones. Decoding takes up to 9 bytes per pixel, see ``counting``.
    """
    return (_LARGE if pixels > LARGE_PIXELS else _OTHERS).taken(pixels, given_up)


def wake() -> None:
    """Let all that wait for room find out whether they have given up."""
    for room in (_LARGE, _OTHERS):
        room.wake()
