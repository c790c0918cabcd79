"""Guarding: what must hold before a file is touched, looked up anew for each file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from PIL import Image

from lookalike import sight
from lookalike.collection.duplicates.content import Content, read_content
from lookalike.collection.duplicates.folders import Folders
from lookalike.collection.duplicates.keeping import Choice
from lookalike.collection.duplicates.step import ActionKind
from lookalike.disk import identity, identity_at
from lookalike.errors import ImageError
from lookalike.images import Decoded, Limits, decode, read_file, reasons
from lookalike.images.sequences import every_frame, has_several_frames

EDITED = "an edited copy: a hard link would put another picture in its place"


class Pointless(ImageError):
    """The action is not for this file: it frees no space, a hard link would change what the file shows, or
    colours would be lost.
    """


class Guard:
    """Says for each file of some choices whether it may be touched."""

    def __init__(self, choices: Iterable[Choice], reference_folders: Iterable[Path], limits: Limits) -> None:
        """Look up what is kept.

        Args:
            choices: of one action; a file that one of them keeps is touched for none.
            reference_folders: nothing in them is touched.
            limits: for the pictures that are looked at closely; what is beyond them stays.

        Raises:
            UsageError: a reference folder is none.
        """
        self._references, self._limits = Folders(reference_folders), limits
        self._decoded: tuple[Path, Image.Image] | None = None  # of many copies of one file it is the same
        self._kept = {identity_at(choice.keep, follow_links=False) for choice in choices} - {None}

    def kept(self, choice: Choice) -> Content:
        """Read the file that is kept.

        Raises:
            ImageError: it does not hold its image any more; then nothing of its group may be touched.
        """
        try:
            return _read(choice, choice.keep)
        except ImageError as error:
            raise ImageError(f"the file to keep cannot stand for it: {error}") from error

    def other(self, choice: Choice, kept: Content, path: Path, action: ActionKind) -> Content:
        """Read a file that is to be touched.

        Args:
            choice: it is one of the others of this choice.
            kept: what the file that is kept held when it was read.
            path: the file.
            action: what is to happen to it.

        Raises:
            Pointless: it is a symbolic link, another name of the file that is kept, an edited copy, which
                cannot be made a hard link, or one of both is in grey and the other in colour.
            ImageError: it must not be touched; or it is a copy of other bytes, and the close look found that
                it shows something else, or another frame of it does.
        """
        status = _look(path)
        if stat.S_ISLNK(status.st_mode):
            raise Pointless("a symbolic link: it takes no space")
        if identity(status) == kept.identity:
            raise Pointless("the same file as the kept one, by another name: nothing would be freed")
        if identity(status) in self._kept:
            raise ImageError("it is the file to keep of another group")
        if self._references.hold(path):
            raise ImageError("it lies in a reference folder")
        if action == "hardlink":
            self._refuse_link(choice, kept, path, status)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise ImageError("its folder may not be written to")
        content = _read(choice, path)
        if choice.digests[path] != choice.digests[choice.keep]:
            self._refuse_another_picture(choice, path)
        if not kept.is_still_at(choice.keep):
            raise ImageError("the file to keep has changed meanwhile")
        return content

    def _refuse_another_picture(self, choice: Choice, path: Path) -> None:
        """Refuse a file of other bytes than the file that is kept if it was found to show something else."""
        if any(has_several_frames(one, self._limits) for one in (choice.keep, path)):
            if not self._same_frames(choice.keep, path):
                raise ImageError("it or the file to keep has several frames or pages, and not all agree")
        elif path in choice.closely:
            kept, picture = self._kept_picture(choice.keep), self._picture(path).image
            if not sight.same_closely(kept, picture):
                raise ImageError("looked at closely, it shows something else than the file to keep")
            if not choice.edited and sight.one_is_paler(kept, picture):
                raise Pointless("it or the file to keep lacks colours of the other (--edited acts on it)")
        elif path in choice.by_sight and not self._is_a_copy(choice.keep, path):
            raise ImageError("by both files, and not their small pictures, it is no copy of the file to keep")

    def _same_frames(self, kept: Path, path: Path) -> bool:
        """Whether two files show the same frame after frame; both are read again, and few frames held."""
        frames = (every_frame(read_file(one, self._limits), self._limits) for one in (kept, path))
        return all(
            one is not None and other is not None and (one == other or sight.same_closely(one, other))
            for one, other in zip_longest(*frames)
        )

    def _is_a_copy(self, kept: Path, path: Path) -> bool:
        """Whether the second look takes one of two files for a copy of the other, as ``compare`` does."""
        pictures = self._kept_picture(kept), self._picture(path).image
        first, second = sorted(pictures, key=lambda picture: -picture.width * picture.height)
        evidence = sight.look(sight.Sight(first), sight.Sight(second))
        return sight.looked_closely(evidence, sight.Fine(first), sight.Fine(second)).verified

    def _kept_picture(self, kept: Path) -> Image.Image:
        """The picture of the file that is kept.

        Raises:
            ImageError: it is not complete, which a catalog of an older version does not know.
        """
        if self._decoded is None or self._decoded[0] != kept:
            decoded = self._picture(kept)
            if decoded.remark:
                raise ImageError(f"the file to keep is not complete: {decoded.remark}")
            self._decoded = kept, decoded.image
        return self._decoded[1]

    def _picture(self, path: Path) -> Decoded:
        return decode(read_file(path, self._limits), limits=self._limits)

    @staticmethod
    def _refuse_link(choice: Choice, kept: Content, path: Path, status: os.stat_result) -> None:
        if choice.digests[path] != choice.digests[choice.keep]:
            raise Pointless(EDITED)
        if status.st_dev != kept.status.st_dev:
            raise ImageError("on another file system than the kept file: no hard link can lead there")


def _read(choice: Choice, path: Path) -> Content:
    content = read_content(path)
    if content.sha256 != choice.digests[path]:
        raise ImageError("it has changed since it was indexed; index it again first")
    return content


def _look(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except (OSError, ValueError) as error:
        raise ImageError(reasons.of_os_error(error)) from error
