"""Placing: a file gets another name, on this or another file system, and never in place of a file there."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from lookalike.collection.duplicates.content import holds, read_content
from lookalike.disk import sync_folder
from lookalike.errors import ImageError

_NO_LINKS = frozenset(
    getattr(errno, name)
    for name in ("EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "ENOSYS", "EINVAL")
    if hasattr(errno, name)
)
"""What the system says where no second name can be given to a file, as on FAT and some network drives."""


def place(source: Path, target: Path, aside: Path, sha256: bytes) -> None:
    """Move a regular file to a name that is free.

    The file has at least one of both names at any moment, and the new one is on the disk before the old one
    goes. On another file system the file is copied, and the copy is synced and read again before that.

    Args:
        source: the file.
        target: where it shall lie; its folder is there.
        aside: a free name in the folder of ``target`` for a copy in progress.
        sha256: of the file's bytes.

    Raises:
        FileExistsError: there is something at ``target``.
        ImageError: the copy does not hold the bytes that it should.
        OSError: the system refuses. Then ``source`` is as it was, and there is nothing at ``target``.
    """
    try:
        _rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_whole(source, aside, sha256)
        try:
            _rename(aside, target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        with _cleared_if_refused(source, target):
            source.unlink()


def copy_whole(source: Path, copy: Path, sha256: bytes) -> None:
    """Copy a file with its times, permissions and, where that is allowed, its owner; the copy is synced.

    Args:
        source: the file.
        copy: where the copy shall lie. What an earlier attempt left there is removed.
        sha256: what the copy must hold.

    Raises:
        ImageError: the copy holds other bytes, since the file was changed or the disk fails; it is removed.
        OSError: the system refuses; nothing is left of the copy.
    """
    copy.unlink(missing_ok=True)
    try:
        with source.open("rb") as reading, copy.open("xb") as writing:
            shutil.copyfileobj(reading, writing)
            writing.flush()
            os.fsync(writing.fileno())
        if read_content(copy).sha256 != sha256:
            raise ImageError("its copy turned out different")
        status = source.stat()
        if hasattr(os, "chown"):
            with suppress(OSError):  # only root may give files away
                os.chown(copy, status.st_uid, status.st_gid)
        shutil.copystat(source, copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def free_name(wanted: Path, taken: Container[Path]) -> Path:
    """A path at which nothing lies: the wanted one, or one with a number, as ``sea (2).jpg``.

    Args:
        wanted: the path to begin with.
        taken: paths that are promised to others.
    """
    for number in count(1):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        if path not in taken and not os.path.lexists(path):
            return path
    raise AssertionError("count never ends")


def remove_second(path: Path, second: Path, sha256: bytes) -> None:
    """Remove what a move that was cut short has left: a second name or a copy of a file.

    Args:
        path: where the file lies; if it holds other bytes by now, nothing is removed.
        second: removed if it holds the same bytes, or none yet, and is not ``path`` itself by another way.
        sha256: of the file's bytes.

    Raises:
        OSError: the system refuses.
    """
    if os.path.realpath(path) == os.path.realpath(second) or not holds(path, sha256):
        return
    try:
        left = read_content(second)
    except ImageError:
        return
    if left.sha256 == sha256 or not left.status.st_size:
        same = os.path.samestat(left.status, path.lstat())
        if not same or left.status.st_nlink > 1:
            second.unlink(missing_ok=True)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are not there, each synced.

    Raises:
        OSError: the system refuses.
    """
    for place in reversed((folder, *folder.parents)):
        if not place.is_dir():
            place.mkdir(exist_ok=True)
            sync_folder(place.parent)


def _rename(source: Path, target: Path) -> None:
    """Give a file another name on the same file system; unlike the system's rename, replace nothing."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        target.touch(exist_ok=False)  # an empty file takes the name, so that nobody else can
        with _cleared_if_refused(source, target):
            source.replace(target)
        return
    with _cleared_if_refused(source, target):
        sync_folder(target.parent)
        source.unlink()


@contextmanager
def _cleared_if_refused(source: Path, target: Path) -> Iterator[None]:
    """Take the step after which a file has left ``source``; if the system refuses it, clear ``target``.

    What lies at ``target`` is removed only if the file is surely still at ``source``: a network drive may
    report a step as failed that was done.
    """
    try:
        yield
    except OSError:
        if os.path.lexists(source):
            target.unlink(missing_ok=True)
        raise
