"""How much work may wait, and how long: what is beyond that is turned away, so that the rest stays quick."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lookalike.errors import Busy

_PATIENCE = 10.0  # seconds from a request's arrival, after which its work does not begin any more


class Admission:
    """Counts the pictures that are being worked on or wait; used from the event loop's thread alone."""

    def __init__(self, most: int) -> None:
        """Let in up to ``most`` at a time."""
        self.most = most
        self.inside = 0

    @property
    def full(self) -> bool:
        """Whether one more would be turned away."""
        return self.inside >= self.most

    @contextmanager
    def place(self, pictures: int = 1) -> Iterator[None]:
        """Room for some pictures, given back at the end of the block.

        Raises:
            Busy: there is none.
        """
        if self.inside + pictures > self.most:
            raise self.refusal()
        self.inside += pictures
        try:
            yield
        finally:
            self.inside -= pictures

    @staticmethod
    def refusal() -> Busy:
        """The error for whom there is no room."""
        return Busy("the server has as much to do as it may; ask again in a moment")


class Patience:
    """How long one request is worth waiting with: until its time is over or its caller is gone.

    Once some of its work has begun the time counts no more: what is half done is better finished.

    Attributes:
        gone: whether the caller hung up; set by the event loop, read by threads.
    """

    def __init__(self, seconds: float = _PATIENCE) -> None:
        """Start the clock."""
        self._until = time.monotonic() + seconds
        self.gone = False

    def begin(self) -> None:
        """Begin with the request's work.

        Raises:
            Busy: as ``check``.
        """
        self.check()
        self._until = math.inf

    def check(self) -> None:
        """Make sure that a piece of work is still worth beginning.

        Raises:
            Busy: it is not.
        """
        if self.gone:
            raise Busy("the caller hung up")
        if time.monotonic() > self._until:
            raise Busy("the request waited too long for its turn; ask again in a moment")


PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)
"""That of the request which the running task answers; None outside of requests."""
