"""Admission: work that would wait too long is turned away at once, so that the rest stays quick."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lookalike.errors import Busy
from lookalike.images.decoders import SPARE

_PATIENCE = 10.0  # seconds from a request's arrival, after which its work does not begin any more
_WORTH = 1.0  # seconds that a search may have to wait for those before it: callers want an answer within two
_ANSWERS = 16  # that show what a search costs at present


class Admission:
    """Counts the pictures that are being worked on or wait; used from the event loop's thread alone.

    Beside the number it bounds the time: what comes now waits for the searches under way, each of which costs
    what the last ones did. A search costs its share of each second that passes until its answer; by the
    median of the last ones, since by their mean one picture that takes long would turn others away.
    """

    def __init__(
        self, most: int, always: int = 1 + SPARE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is in work yet.

        Args:
            most: pictures to let in at a time.
            always: searches under way beside which one more is let in whatever they cost, so that every core
                has something to do.
            clock: tells the time, seconds.
        """
        self.most, self._always, self._clock = most, always, clock
        self.inside = self._searches = 0
        self._costs: deque[float] = deque([0.0] * _ANSWERS, _ANSWERS)
        self._shared, self._looked = 0.0, clock()

    @property
    def full(self) -> bool:
        """Whether one more would be turned away."""
        return self.inside >= self.most or self._late

    @property
    def _late(self) -> bool:
        """Whether a search that comes now would wait too long to be of use."""
        under_way = self._searches
        return under_way >= self._always and under_way * statistics.median(self._costs) > _WORTH

    @contextmanager
    def place(self, pictures: int = 1) -> Iterator[None]:
        """Room for some pictures, given back at the end of the block.

        Raises:
            Busy: there is none, or only after too long a wait.
        """
        if self.inside + pictures > self.most or self._late:
            raise self.refusal()
        self.inside += pictures
        try:
            yield
        finally:
            self.inside -= pictures

    @contextmanager
    def search(self) -> Iterator[None]:
        """The time that this server works for one search, fetching its picture by URL excepted."""
        began = self._time_shared()
        self._searches += 1
        try:
            yield
            self._costs.append(self._time_shared() - began)
        finally:
            self._time_shared()
            self._searches -= 1

    def _time_shared(self) -> float:
        """Seconds so far, each divided by the searches that were under way in it."""
        now = self._clock()
        self._shared += (now - self._looked) / max(1, self._searches)
        self._looked = now
        return self._shared

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
        """Begin to count the seconds that the caller may wait."""
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
