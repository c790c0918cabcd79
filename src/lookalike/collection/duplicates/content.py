"""Content: the bytes of a file as they were read, and whether the file is still the one that was read."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from lookalike.disk import Identity, identity
from lookalike.errors import ImageError
from lookalike.images import reasons

_OPEN_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", "O_BINARY")
)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """What a regular file held when it was read.

    Attributes:
        sha256: of all its bytes.
        status: of the open file: its device, inode, size, times and mode.
    """

    sha256: bytes
    status: os.stat_result

    @property
    def identity(self) -> Identity:
        """Device and inode of the file."""
        return identity(self.status)

    def is_still_at(self, path: Path) -> bool:
        """Whether the very file that was read lies at a path, neither replaced nor written to since."""
        try:
            now = path.lstat()
        except (OSError, ValueError):
            return False
        return _marks(now) == _marks(self.status)


def read_content(path: Path) -> Content:
    """Read a regular file to its end, without keeping its bytes, whatever its size.

    Args:
        path: the file. A symbolic link is not followed.

    Raises:
        ImageError: it is gone, may not be read, is no regular file, or was written to while it was read.
    """
    try:
        if path.is_symlink():
            raise ImageError("a symbolic link, not a file of its own")
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ImageError(reasons.of_kind(status.st_mode))
            digest = hashlib.sha256()
            while block := os.read(descriptor, _BLOCK):
                digest.update(block)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise ImageError(reasons.of_os_error(error)) from error
    content = Content(digest.digest(), status)
    if not content.is_still_at(path):
        raise ImageError("it is being written to")
    return content


def holds(path: Path, sha256: bytes) -> bool:
    """Whether a regular file with these bytes lies at a path."""
    try:
        return read_content(path).sha256 == sha256
    except ImageError:
        return False


def _marks(status: os.stat_result) -> tuple[int, ...]:
    return *identity(status), status.st_size, status.st_mtime_ns
