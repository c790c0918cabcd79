"""Rate limits: how many requests each token may send per minute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_MINUTE = 60.0


class Allowance:
    """Counts the requests of callers, each of whom may send a minute's worth at once.

    As time passes they become free again one by one. Used from the event loop's thread alone.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Set the limit.

        Args:
            per_minute: requests, at least 1.
            clock: tells the time in seconds.
        """
        self._interval, self._clock = _MINUTE / per_minute, clock
        self._free: dict[str, float] = {}  # when each caller has the whole minute's worth again

    def wait(self, caller: str) -> int:
        """Count a request.

        Returns:
            0 if it may pass, else the seconds until the caller's next request may; it is then not counted.
        """
        now = self._clock()
        free = max(now, self._free.get(caller, now)) + self._interval
        if free - now > _MINUTE + 1e-9:
            return math.ceil(free - now - _MINUTE)
        self._free[caller] = free
        return 0
