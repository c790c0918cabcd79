"""Which files a person means by the paths they gave: one look at the disk, no image opened."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lookalike.images import reasons
from lookalike.images.files import first_bytes
from lookalike.images.formats import is_picture, missing_extra
from lookalike.images.names import (
    has_image_suffix,
    is_excluded,
    is_of_programs,
    may_hold_picture,
    suffix,
)


class FoundFile(NamedTuple):
    """A regular file that may hold an image.

    Attributes:
        path: absolute, symbolic links not resolved.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since 1970.
        root: the absolute form of the path that the user gave and that led here.
    """

    path: Path
    size: int
    mtime_ns: int
    root: Path


class RejectedFile(NamedTuple):
    """A path that cannot be used.

    Attributes:
        path: absolute, symbolic links not resolved.
        reason: one short line, without the path.
    """

    path: Path
    reason: str


def scan(
    paths: Iterable[Path],
    *,
    exclude: Sequence[str] = (),
    skipped: Counter[str] | None = None,
    among: Callable[[str], bool] | None = None,
) -> Iterator[FoundFile | RejectedFile]:
    """Find the image files below some paths, lazily, in one fixed order.

    A file that is named is taken whatever it is called. Below a folder, names with an image suffix count, and
    files whose name leaves open what they are and whose first bytes are those of an image. Hidden names (a
    leading dot) and folders that programs keep (``@eaDir``, ``lost+found``) are passed by unless they are
    named; links to files are followed, links to folders are not. Files come before subfolders, each sorted by
    name. A path that is reached twice is yielded once.

    Args:
        paths: files and folders.
        exclude: glob patterns of names and paths to leave out, see ``names.is_excluded``.
        skipped: where to count what was passed by, by kind: a suffix, or a few words.
        among: says whether to look at a path at or below ``paths``, and into it if it is a folder; if None,
            all are looked at.

    Yields:
        A `FoundFile` or a `RejectedFile` for each; a bad path never ends the scan.
    """
    scanner = _Scanner(exclude, Counter() if skipped is None else skipped, among)
    for path in paths:
        yield from scanner.take(Path(os.path.normpath(path.absolute())))


class _Scanner:
    """Remembers what was reached: whole folders, and single paths only where no folder stands for them."""

    def __init__(
        self, exclude: Sequence[str], skipped: Counter[str], among: Callable[[str], bool] | None
    ) -> None:
        self._exclude, self._skipped, self._among = exclude, skipped, among
        self._listed: set[str] = set()
        self._reached: set[str] = set()

    def take(self, root: Path) -> Iterator[FoundFile | RejectedFile]:
        if self._among and not self._among(str(root)):
            return
        # A folder's listing stands for its files, but not for a name that was never in it.
        listed = str(root.parent) in self._listed and _is_wanted(root.name) and os.path.lexists(root)
        try:
            status = root.stat()
        except (OSError, ValueError) as error:
            judged: FoundFile | RejectedFile = RejectedFile(root, reasons.of_os_error(error))
        else:
            if stat.S_ISDIR(status.st_mode):
                yield from self._walk(root)
                return
            judged = _judge(root, status, root)
        if not listed and str(root) not in self._reached:
            self._reached.add(str(root))
            if is_excluded(root, root.parent, self._exclude):
                self._skipped["excluded"] += 1
            else:
                yield judged

    def _walk(self, root: Path) -> Iterator[FoundFile | RejectedFile]:
        ahead = [str(root)]
        while ahead:
            folder = ahead.pop()
            if folder in self._listed or folder in self._reached:
                continue
            try:
                subfolders, files = self._list(Path(folder), root)
            except OSError as error:
                self._reached.add(folder)
                yield RejectedFile(
                    Path(folder), f"{reasons.of_os_error(error)}: this folder cannot be listed"
                )
                continue
            self._listed.add(folder)
            ahead.extend(reversed(subfolders))
            for entry in files:
                if entry.path not in self._reached:
                    if not _is_wanted(entry.name):
                        self._reached.add(entry.path)  # naming it later finds nothing new
                    yield from _judge_entry(entry, root)

    def _list(self, folder: Path, root: Path) -> tuple[list[str], list[os.DirEntry[str]]]:
        """The paths of the subfolders to walk and the files to judge, each sorted."""
        subfolders, files = [], []
        with os.scandir(folder) as entries:
            for entry in entries:
                if self._among and not self._among(entry.path):
                    continue
                kind = self._passed_by(entry, root)
                if kind:
                    self._skipped[kind] += 1
                elif entry.is_dir(follow_symlinks=False):
                    subfolders.append(entry.path)
                else:
                    files.append(entry)
        return sorted(subfolders), sorted(files, key=lambda entry: entry.name)

    def _passed_by(self, entry: os.DirEntry[str], root: Path) -> str:
        """What kind of entry this is that a walk leaves out; empty if it takes it."""
        if self._exclude and is_excluded(Path(entry.path), root, self._exclude):
            return "excluded"
        if entry.is_dir(follow_symlinks=False) and is_of_programs(entry.name):
            return f"folder {entry.name}"
        if entry.name.startswith("."):
            return "hidden"
        if entry.is_dir(follow_symlinks=False):
            return ""
        if entry.is_symlink() and _leads_to_folder(entry):
            return "link to a folder"
        return _kind_of_file(entry)


def _kind_of_file(entry: os.DirEntry[str]) -> str:
    """What kind of file this is if a walk leaves it out; empty if it takes it."""
    if has_image_suffix(entry.name):
        return missing_extra(entry.name)
    if may_hold_picture(entry.name) and is_picture(first_bytes(entry.path)):
        return ""
    return suffix(entry.name) or "no suffix"


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_wanted(name: str) -> bool:
    return has_image_suffix(name) and not name.startswith(".")


def _judge_entry(entry: os.DirEntry[str], root: Path) -> Iterator[FoundFile | RejectedFile]:
    """Nothing for a link to a folder: following it could lead in circles, and it is no fault."""
    path = Path(entry.path)
    try:
        status = entry.stat()
    except OSError as error:
        yield RejectedFile(path, reasons.of_os_error(error))
        return
    if not stat.S_ISDIR(status.st_mode):
        yield _judge(path, status, root)


def _judge(path: Path, status: os.stat_result, root: Path) -> FoundFile | RejectedFile:
    if not stat.S_ISREG(status.st_mode):
        return RejectedFile(path, reasons.of_kind(status.st_mode))
    return FoundFile(path, status.st_size, status.st_mtime_ns, root)
