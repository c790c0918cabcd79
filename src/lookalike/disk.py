"""Files on disk: whether they exist, how large they are, and how to replace one as a whole."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lookalike.errors import StorageError, reason_of

_REFUSALS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "EIO")
    if hasattr(errno, name)
)
"""Numbers of the system's errors that do not blame what was asked: it cannot be done here, or not now."""

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


Identity = tuple[int, int]
"""Device and inode: two paths that share them are two names of one file."""


def identity(status: os.stat_result) -> Identity:
    """Device and inode of a file, as the system tells them of it."""
    return status.st_dev, status.st_ino


def identity_at(path: Path, *, follow_links: bool) -> Identity | None:
    """Device and inode of what lies at a path; None if nothing does, or it may not be looked at.

    Args:
        path: of a file, folder or link.
        follow_links: whether a symbolic link stands for what it leads to, or for itself.
    """
    try:
        return identity(path.stat(follow_symlinks=follow_links))
    except (OSError, ValueError):
        return None


def is_gone(path: Path) -> bool:
    """Whether a file is certainly gone; a file that this process may not look at does not count as gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def is_lost(path: Path) -> bool:
    """Whether a file is certainly gone, or a folder or the like is in its place; a link counts as a file."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return is_gone(path)
    return not stat.S_ISREG(mode) and not stat.S_ISLNK(mode)


def is_refusal(error: OSError) -> bool:
    """Whether the system refused: no room, no permission, too many open files, a disk that fails."""
    return error.errno in _REFUSALS


def can_be_made(folder: Path) -> bool:
    """Whether a folder is there and can be written to, or can be made, as far as permissions tell."""
    there = deepest_there(folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def deepest_there(folder: Path) -> Path:
    """A folder if something lies at its path, or else the nearest above it where something does."""
    return next((place for place in (folder, *folder.parents) if os.path.lexists(place)), Path(folder.anchor))


def own_temporary_folder() -> Path:
    """A folder of this user alone among the system's temporary files, made if it is not there.

    Raises:
        StorageError: it cannot be made, or somebody else has taken its name, who could put files into it.
    """
    try:
        folder = (
            Path(tempfile.gettempdir()) / f"lookalike-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
        )
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise StorageError(f"there is no place for temporary files: {reason_of(error)}") from error
    own = not hasattr(os, "getuid") or (
        status.st_uid == os.getuid() and not status.st_mode & _OTHERS_MAY_WRITE
    )
    if not own or not stat.S_ISDIR(status.st_mode):
        raise StorageError(f"the temporary folder {folder} belongs to somebody else; set LOOKALIKE_CACHE")
    return folder


def bytes_in(paths: Iterable[Path]) -> int:
    """Sum the sizes, in bytes, of the regular files among some paths."""
    total = 0
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears whole or not at all, even if the machine stops; an older one is replaced.

    Two threads must not write the same file at once; processes may.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.filename == str(temporary):
            error.filename = str(path)  # which is what the caller named
        raise
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last; only POSIX systems can, and only they need it."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
