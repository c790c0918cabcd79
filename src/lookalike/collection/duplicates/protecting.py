"""Protecting: which files of a group no action touches, whatever rule decides between the others, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lookalike.collection.duplicates.folders import Folders

LeftKind = Literal["edited", "link", "upload", "bank", "decision", "reference", "doubt"]
"""What keeps a file from an action: the file that stays does not show the same, it is a symbolic link, the
collection itself keeps it as an upload, a bank has its picture, a person decided so, it lies in the folder of
``--against``, or the file that stays is not complete."""


@dataclass(frozen=True, slots=True)
class Left:
    """Why a file of a group is left alone.

    Attributes:
        kind: of the reason, to count by.
        reason: the same in words that can follow "left alone:".
    """

    kind: LeftKind
    reason: str


class Protection:
    """Tells what no action may touch: uploads, pictures in banks, what people decided to keep, references."""

    def __init__(
        self,
        *,
        uploads: Path | None = None,
        banks: Mapping[int, Sequence[str]] | None = None,
        decided: Collection[int] = (),
        references: Iterable[Path] = (),
    ) -> None:
        """Look the folders up.

        Args:
            uploads: the collection's own folder of pictures, which it alone may delete from; it need not be
                there.
            banks: names of the banks that have an image as an entry, by the image's id.
            decided: ids of images of which a person said that they are to stay.
            references: folders in which nothing is touched.

        Raises:
            UsageError: a reference folder is none.
        """
        self._uploads = Folders([uploads] if uploads is not None and uploads.is_dir() else [])
        self._banks, self._decided = banks or {}, decided
        self.references = Folders(references)

    def is_upload(self, path: Path) -> bool:
        """Whether a file lies in the collection's own folder of uploads."""
        return self._uploads.hold(path)

    def of(self, image_id: int, path: Path) -> Left | None:
        """Why a file is not to be touched.

        Args:
            image_id: of the image that it holds.
            path: of the file.

        Returns:
            None if nothing here speaks against it.
        """
        if self.references.hold(path):
            return Left("reference", "it lies in a reference folder")
        if self.is_upload(path):
            return Left("upload", "an upload, which the collection keeps itself")
        if names := self._banks.get(image_id):
            return Left("bank", f"in bank {', '.join(names)}")
        if image_id in self._decided:
            return Left("decision", "you decided to keep it")
        return None
