"""Left: which images a scan for duplicates still has to deal with."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.collection.duplicates.sources import Sources
from lookalike.kernels.arrays import Ids


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to do for a scan.

    Attributes:
        new: images that no scan has dealt with, ascending.
        waiting: (n,) int64, ascending: those, and others that no scan has looked for in a crowd.
        crowded: those of ``waiting`` that are known to lie in a crowd, or beside one.
        total: number of images of the collection.
    """

    new: list[int]
    waiting: Ids
    crowded: list[int]
    total: int

    @classmethod
    def of(cls, sources: Sources) -> Left:
        """See how far earlier scans came."""
        memory, ids = sources.memory, sources.near.ids()
        new = ids[ids > memory.reached(sources.fingerprint)].tolist()
        waiting = ids[ids > memory.reached(in_crowd(sources))]
        crowd = memory.with_landmarks()
        return cls(new, waiting, [image for image in waiting.tolist() if image in crowd], len(ids))

    @property
    def count(self) -> int:
        """Number of images with something left to do."""
        return len({*self.new, *self.crowded})


def in_crowd(sources: Sources) -> str:
    """What the progress of the search by landmarks is remembered by."""
    return f"{sources.fingerprint} landmarks"
