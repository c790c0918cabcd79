"""What a collection reports of its work: plain values, for programs and for screens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.images import RejectedFile


@dataclass(frozen=True, slots=True)
class Match:
    """An image of the collection that looks like the query.

    Attributes:
        rank: 1 for the nearest.
        image_id: stable as long as the image is in the collection.
        similarity: cosine of the angle between the embeddings, -1 to 1; 1 for the same picture.
        distance: by the metric asked for; smaller is nearer.
        paths: where the image lies, several if the same bytes lie in several places: first those where a file
            is, then those where it is gone; sorted within each.
        copy_similarity: cosine of the angle between the copy parts of the embeddings, -1 to 1: near 1 for an
            edited copy of the same picture. It equals ``similarity`` if the embedder has no copy part.
        missing: those of the paths where the file is gone.
    """

    rank: int
    image_id: int
    similarity: float
    distance: float
    paths: tuple[Path, ...]
    copy_similarity: float
    missing: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        """The first place where the image lies; a file is there unless all are gone."""
        return self.paths[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ``add`` or a ``reembed`` has come; everything counted here is stored for good.

    Attributes:
        done: files or images dealt with.
        total: files or images to deal with.
    """

    done: int
    total: int


def unheard(_: Progress) -> None:
    """Take word of progress that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Files that are gone, and that pruning did not forget because they may come back.

    Attributes:
        folder: where they lay; it may be the mount point of a drive that is not mounted.
        reason: what is wrong with it.
        files: what would have been forgotten.
    """

    folder: Path
    reason: str
    files: list[Path]


@dataclass(slots=True)
class AddReport:
    """What ``add`` did.

    Attributes:
        added: images that are new.
        linked: files whose bytes were known already, from another place or name.
        unchanged: files that hold what they held; they were not read again if size and time are as they were.
        pruned: files forgotten because they are gone, or hold no usable image any more.
        unwanted: files passed over because their image was removed for good.
        withheld: if not empty, nothing was pruned, because these files may only be out of reach.
        rejected: files that could not be used, and why.
        doubtful: files that were used though something is wrong with them, and what: "cut short, 98 % read".
        skipped: how many files and folders below the given ones were passed by, by kind: a suffix such as
            ".mp4", or "hidden", "link to a folder", "folder @eaDir", "no suffix", "excluded".
    """

    added: int = 0
    linked: int = 0
    unchanged: int = 0
    pruned: int = 0
    unwanted: int = 0
    withheld: list[Withheld] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)
    doubtful: list[RejectedFile] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of a picture that was uploaded.

    Attributes:
        image_id: of its image; None if it was refused.
        sha256: of its bytes.
        new: whether the collection did not have it before.
        reason: why it was refused; empty if it was not.
    """

    image_id: int | None
    sha256: bytes
    new: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What ``check`` found.

    Attributes:
        images: how many were checked.
        problems: what is wrong and needs a person, a line each.
        repaired: what was wrong and has been put right, a line each.
    """

    images: int
    problems: list[str]
    repaired: list[str]


@dataclass(slots=True)
class ReembedReport:
    """What ``reembed`` did.

    Attributes:
        embedded: images that were read again now; what an earlier run had done is not among them.
        dropped: vectors of a third embedder, left over from a move that was never completed.
        missing: images that no file holds any more: where one lay, and why that cannot be used.
        moved: whether the collection is now the new embedder's.
    """

    embedded: int = 0
    dropped: int = 0
    missing: list[RejectedFile] = field(default_factory=list)
    moved: bool = False
