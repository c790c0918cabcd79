"""Processes that decode pictures, kept from one collection of this process to the next.

Each is the real process of the product. A collection ends its processes once it has added what it was given,
and the next collection computes for a fifth of a second per process to start new ones: two thirds of what a
test costs that adds six pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lookalike.images import decoders
from lookalike.images.worker import Worker

_MOST = 6  # as many as a pool for two threads and its spare ones start


@contextmanager
def kept_decoders() -> Iterator[None]:
    """Let pools of decoders take processes from earlier pools, until the end of the ``with`` block."""
    shelf: list[Worker] = []

    class Kept(Worker):
        """A process that goes to the shelf, and not to its end, if it can decode another picture."""

        def close(self) -> int:
            if self.resting and self.alive and not self.ended and len(shelf) < _MOST:
                shelf.append(self)
                return 0
            return super().close()

    def start() -> Worker:
        while shelf:
            kept = shelf.pop()
            if kept.alive:
                return kept
            Worker.close(kept)
        return Kept()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoders, "Worker", start)
        yield
    for kept in shelf:
        Worker.close(kept)
