"""What is asked of a search for duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict, Unpack

from lookalike.collection.reports import Progress
from lookalike.errors import UsageError
from lookalike.paths import all_absolute

FPR = 1e-6
"""Share of pairs of strangers that may be taken for copies."""


class Given(TypedDict, total=False):
    """What callers may give besides paths.

    Attributes:
        against: a folder; see ``Terms``.
        similar: see ``Terms``.
        fpr: see ``Terms``.
        on_progress: called on the caller's thread; what it is told is done will not be done again.
    """

    against: str | Path | None
    similar: bool
    fpr: float
    on_progress: Callable[[Progress], None] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """Which duplicates are asked for.

    Attributes:
        places: absolute paths of files and folders that the search is about; none for the whole collection.
        against: a folder of the collection: each image is then looked for among those in it.
        similar: whether groups may hold images that are similar and no copies.
        fpr: share of pairs of strangers that may be taken for copies, above 0 and below 1.
    """

    places: tuple[Path, ...] = ()
    against: Path | None = None
    similar: bool = False
    fpr: float = FPR

    def __post_init__(self) -> None:
        """Check that the parts make sense together."""
        if not isinstance(self.fpr, int | float) or not 0 < self.fpr < 1:
            raise UsageError(f"fpr must be above 0 and below 1, not {self.fpr!r}")
        if self.similar and self.against is not None:
            raise UsageError("only copies are looked for against a folder, not similar pictures")

    @classmethod
    def of(cls, paths: Iterable[str | Path], **given: Unpack[Given]) -> Self:
        """Make terms of paths as people give them.

        Raises:
            UsageError: ``paths`` is no list of paths, or the terms make no sense.
        """
        against = given.get("against")
        folder = None if against is None else all_absolute([against])[0]
        return cls(tuple(all_absolute(paths)), folder, given.get("similar", False), given.get("fpr", FPR))

    @property
    def references(self) -> list[Path]:
        """Folders in which nothing may be touched."""
        return [] if self.against is None else [self.against]
