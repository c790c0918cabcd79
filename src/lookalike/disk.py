"""Files on a disk that other processes change: whether they are there, their size, writing them whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


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
