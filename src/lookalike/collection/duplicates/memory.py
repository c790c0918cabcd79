"""What a search for duplicates saw: kept in the catalog, or in memory where the catalog can only be read."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.errors import StorageError
from lookalike.store import LookedAt, LookedAtPairs


class Memory:
    """Remembers looked-at pairs for one search at least, and for all later ones if the catalog takes them.

    Attributes:
        lasting: whether everything so far was kept in the catalog.
    """

    def __init__(self, stored: LookedAtPairs) -> None:
        """Begin with what earlier searches saw.

        Args:
            stored: of the collection's catalog.
        """
        self._stored = stored
        self._own: dict[tuple[int, int], LookedAt] = {}
        self._reached = 0
        self.lasting = True

    def all(self) -> list[LookedAt]:
        """List all pairs, by ``(first, second)``."""
        pairs = {(pair.first, pair.second): pair for pair in self._stored.all()}
        pairs.update(self._own)
        return [pairs[key] for key in sorted(pairs)]

    def reached(self, fingerprint: str) -> int:
        """The image id up to which all images were searched for copies; see ``LookedAtPairs.reached``."""
        return max(self._reached, self._stored.reached(fingerprint))

    def record(self, pairs: Iterable[LookedAt], fingerprint: str = "", reached: int = 0) -> None:
        """Remember pairs, and how far the search has come; see ``LookedAtPairs.record``."""
        pairs = list(pairs)
        try:
            self._stored.record(pairs, fingerprint, reached)
        except StorageError:  # it can only be read, or there is no room
            self.lasting = False
            self._own.update({(pair.first, pair.second): pair for pair in pairs})
            self._reached = max(self._reached, reached)
