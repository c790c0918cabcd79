"""The bytes of a file that anybody may have put there, without waiting and without reading too much."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from lookalike.errors import ImageTooLarge, StorageError, UnreadableImage
from lookalike.images import reasons
from lookalike.settings import Limits

_OPEN_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY")
)

_FIRST = 64  # bytes, by which a format is recognised
_NOT_THE_FILES_FAULT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Elsewhere(type(Path())):  # type: ignore[misc]  # the class of paths of this system
    """The address of a picture that no file system of this machine has, as ``s3://bucket/one.jpg``.

    A plain path would take two slashes for one, and say so wherever it is shown, stored or exported. Whether
    the picture is still there, only reading it tells.
    """

    def __str__(self) -> str:
        return str(super().__str__()).replace(":/", "://", 1)

    def fetch(self, limits: Limits) -> bytes:
        """Read it whole; raises what ``read_file`` does."""
        raise UnreadableImage("it lies in an object store, which only lookalike cluster reads")


def picture_path(place: str) -> Path:
    """The path of a picture: of a file, or ``Elsewhere`` if it is an address with two slashes."""
    return Elsewhere(place) if "://" in place else Path(place)


def read_file(path: Path, limits: Limits) -> bytes:
    """Read a regular file whole.

    The file is opened without waiting and judged by its open descriptor, so that a named pipe cannot hang
    the program and nothing can be swapped in between.

    Args:
        path: the file, or what is read in another way.
        limits: ``file_bytes`` holds while reading too, for a file that grows.

    Raises:
        UnreadableImage: the file is missing, may not be read, or is not a regular file.
        ImageTooLarge: it has more than ``limits.file_bytes`` bytes.
        StorageError: no file at all can be read now, because too many are open or there is no memory.
    """
    if isinstance(path, Elsewhere):
        return path.fetch(limits)
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            return _read_regular(descriptor, limits)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _NOT_THE_FILES_FAULT:
            raise StorageError(f"{path} cannot be read: {error.strerror}") from error
        raise UnreadableImage(reasons.of_os_error(error)) from error


def first_bytes(path: str) -> bytes:
    """The first 64 bytes of a regular file; none if it is something else or cannot be read."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            return os.read(descriptor, _FIRST) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return b""


def _read_regular(descriptor: int, limits: Limits) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableImage(reasons.of_kind(status.st_mode))
    if status.st_size > limits.file_bytes:
        raise too_many_bytes(status.st_size, limits)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(status.st_size + 1)
        if len(data) > status.st_size:  # it grew, or is one of the files that say 0
            data += file.read(limits.file_bytes + 1 - len(data))
    if len(data) > limits.file_bytes:
        raise too_many_bytes(len(data), limits)
    return data


def too_many_bytes(size: int, limits: Limits) -> ImageTooLarge:
    """The error for an encoded image of at least ``size`` bytes."""
    return ImageTooLarge(
        f"{size:,} bytes or more, above the limit of {limits.file_bytes:,} (setting max_file_bytes)"
    )
