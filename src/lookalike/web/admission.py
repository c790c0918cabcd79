"""How much work may wait: what comes beyond that is turned away at once, so that the rest stays quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lookalike.errors import Busy


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
