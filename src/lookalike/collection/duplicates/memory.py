"""What a search for duplicates saw: kept in the catalog, or in memory where the catalog can only be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lookalike.errors import StorageError
from lookalike.store import LandmarksOfImages, LookedAt, LookedAtPairs


class Memory:
    """Remembers what was seen for one search at least, and for all later ones if the catalog takes it.

    Attributes:
        lasting: whether everything so far was kept in the catalog.
    """

    def __init__(self, stored: LookedAtPairs, landmarks: LandmarksOfImages) -> None:
        """Begin with what earlier searches saw.

        Args:
            stored: of the collection's catalog.
            landmarks: of the same catalog.
        """
        self._stored, self._stored_landmarks = stored, landmarks
        self._own_landmarks: dict[int, bytes] = {}
        self._own: dict[tuple[int, int], LookedAt] = {}
        self._reached: dict[str, int] = {}
        self.lasting = True

    def all(self) -> list[LookedAt]:
        """List all pairs, by ``(first, second)``."""
        pairs = {(pair.first, pair.second): pair for pair in self._stored.all()}
        pairs.update(self._own)
        return [pairs[key] for key in sorted(pairs)]

    def reached(self, fingerprint: str) -> int:
        """The image id up to which all images were searched for copies; see ``LookedAtPairs.reached``."""
        return max(self._reached.get(fingerprint, 0), self._stored.reached(fingerprint))

    def record(self, pairs: Iterable[LookedAt], fingerprint: str = "", reached: int = 0) -> None:
        """Remember pairs, and how far the search has come; see ``LookedAtPairs.record``."""
        pairs = list(pairs)
        try:
            self._stored.record(pairs, fingerprint, reached)
        except StorageError:  # it can only be read, or there is no room
            self.lasting = False
            self._own.update({(pair.first, pair.second): pair for pair in pairs})
            self._reached[fingerprint] = max(self._reached.get(fingerprint, 0), reached)

    def with_landmarks(self) -> set[int]:
        """Ids of the images that have landmarks."""
        return {*self._stored_landmarks.ids(), *self._own_landmarks}

    def lost_landmarks(self) -> list[int]:
        """Ids of the images whose landmarks have to be found again, damaged ones and those of other rules."""
        return [image_id for image_id in self._stored_landmarks.lost() if image_id not in self._own_landmarks]

    def landmarks(self) -> dict[int, bytes]:
        """The landmarks of all images that have some, by id."""
        return self._stored_landmarks.all() | self._own_landmarks

    def record_landmarks(self, landmarks: Mapping[int, bytes]) -> None:
        """Remember landmarks, by image id."""
        try:
            self._stored_landmarks.record(landmarks)
        except StorageError:
            self.lasting = False
            self._own_landmarks.update(landmarks)
