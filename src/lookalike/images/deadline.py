"""One time limit for a whole exchange, however many small waits it is made of."""

from __future__ import annotations

import time

from lookalike.errors import FetchError


class Deadline:
    """A moment after which nothing may be waited for any more."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, above 0.

        Raises:
            FetchError: no time is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> FetchError:
        """The error that says that the time is up."""
        return FetchError(f"took longer than {self._seconds:g} seconds (setting fetch_seconds)")
