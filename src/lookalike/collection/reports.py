"""Reports: the plain values in which a collection tells what it did, as counts of added files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lookalike.images import RejectedFile


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work has come; what is counted of an ``add``, a ``reembed`` or a scan is stored for good.

    Attributes:
        done: files or images dealt with.
        total: files or images to deal with.
    """

    done: int
    total: int


def unheard(_: Progress) -> None:
    """Take a report of progress and do nothing, for callers that want none."""


def continued(note: Callable[[Progress], None], before: int) -> Callable[[Progress], None]:
    """What reports progress after so much other work was done, as if both were one."""
    return lambda progress: note(Progress(before + progress.done, before + progress.total))


class Withheld(NamedTuple):
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
        annotated: pictures of which a file of JSON lines said something, see ``lookalike index --metadata``.
        withheld: if not empty, nothing was pruned, because these files may only be out of reach.
        rejected: files that could not be used, and why; not those that an earlier ``add`` reported already.
        rejected_before: files that could not be used for the same reason as in an earlier ``add``, which
            reported them, and that have not changed since.
        doubtful: files that were used though something is wrong with them, and what: "cut short, 98 % read".
        doubtful_before: such files that an earlier ``add`` reported, and that were not read again.
        skipped: how many files and folders below the given ones were passed by, by kind: a suffix such as
            ".mp4", or "hidden", "link to a folder", "folder @eaDir", "no suffix", "excluded".
    """

    added: int = 0
    linked: int = 0
    unchanged: int = 0
    pruned: int = 0
    unwanted: int = 0
    annotated: int = 0
    withheld: list[Withheld] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)
    rejected_before: list[RejectedFile] = field(default_factory=list)
    doubtful: list[RejectedFile] = field(default_factory=list)
    doubtful_before: list[RejectedFile] = field(default_factory=list)
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
        leftovers: files among the uploaded ones that belong to no image, a line each; no damage.
    """

    images: int
    problems: list[str]
    repaired: list[str]
    leftovers: list[str] = field(default_factory=list)


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
