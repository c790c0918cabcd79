"""Group: the copies of one image, as they are found, shown and acted on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from lookalike.sight import Evidence


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a group, and the files that hold it.

    Attributes:
        image_id: in the catalog.
        sha256: of the bytes that each of its files held when it was indexed.
        paths: absolute, sorted; more than one if several files hold the same bytes, or a file has several
            names.
        width: pixels of the upright image.
        height: pixels of the upright image.
        bytes: size of one file.
        modified: when the file was last changed, in seconds since 1970.
        similarity: to the group's medoid, -1 to 1; 1 for the medoid itself.
        p: chance that a stranger scores as high against the medoid; 0 for the medoid itself.
        evidence: of the second look at this image and the medoid; None if there was none.
        links: those of the paths that are further names (hard links) of a file before them.
        several_frames: whether it is an animation or has several pages, of which only one was compared.
        doubt: what is wrong with its bytes, as "cut short, 98 % read"; empty if nothing is.
    """

    image_id: int
    sha256: bytes
    paths: tuple[Path, ...]
    width: int
    height: int
    bytes: int
    modified: float
    similarity: float
    p: float
    evidence: Evidence | None
    links: frozenset[Path] = frozenset()
    several_frames: bool = False
    doubt: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """One path of each file that holds it, sorted."""
        return tuple(path for path in self.paths if path not in self.links)


@dataclass(frozen=True, slots=True)
class Group:
    """Images that are all copies of one of them, the medoid, or similar to it if that was asked for.

    Attributes:
        group_id: stays the same from search to search, also when images come or go.
        medoid: the ``image_id`` of the member that the others are compared with; it need not be the original.
        members: the medoid first.
        least_similarity: the least of the members' similarities to the medoid.
    """

    group_id: str
    medoid: int
    members: tuple[Member, ...]
    least_similarity: float

    def copies(self, fpr: float) -> Group:
        """The group without those members that are only similar, by the rate of false copies."""
        return replace(self, members=tuple(member for member in self.members if member.p <= fpr))

    @property
    def file_count(self) -> int:
        """How many files its images lie in; one with several names counts once."""
        return sum(len(member.files) for member in self.members)
