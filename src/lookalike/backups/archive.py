"""The archive: plain files in a tar archive without compression, and their checksums as its last member.

Members have names of at most 100 bytes and no further headers, so that a reader needs 512 bytes of memory for
a member's header and nothing in the archive says how much memory to take.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from lookalike.errors import DamagedError, UsageError

SUMS = "SHA256SUMS"
"""Name of the last member, which lists the SHA-256 of each other one."""

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20  # bytes that are read at a time
_LONGEST_NAME = 100  # bytes in a header
_FORBIDDEN = ("\\", ":", "\0")  # separators, drives and ends of names on some system or other


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive that is being read.

    Attributes:
        name: relative, with slashes; no part of it leads upwards.
        size: bytes.
    """

    name: str
    size: int


class ArchiveWriter:
    """Writes members one after the other, and their checksums in the end."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into a file from where it stands."""
        self._file = file
        self._sums: list[str] = []

    def add(self, name: str, content: BinaryIO, size: int) -> bool:
        """Write a member.

        Args:
            name: relative, with slashes.
            content: at its start; what lies behind ``size`` bytes is left out.
            size: bytes.

        Returns:
            Whether ``content`` had so many bytes. If not, the archive is of no use any more.

        Raises:
            UsageError: the name is too long.
        """
        whole = self._write(name, size, _pieces(content, size))
        self._sums.append(whole[1])
        return whole[0] == size

    def finish(self) -> None:
        """Write the checksums and the end of the archive."""
        content = "".join(self._sums).encode("utf-8", "surrogateescape")
        self._write(SUMS, len(content), iter([content]))
        self._file.write(bytes(2 * _BLOCK))

    def _write(self, name: str, size: int, pieces: Iterator[bytes]) -> tuple[int, str]:
        """Write a header and the content; how many bytes there were, and the line of their checksum."""
        if len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
            raise UsageError(f"the name {name!r} is too long for an archive; rename this file")
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._file.write(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
        digest, written = hashlib.sha256(), 0
        for piece in pieces:
            digest.update(piece)
            written += self._file.write(piece)
        self._file.write(bytes(-written % _BLOCK))
        return written, _line(digest.hexdigest(), name)


class ArchiveReader:
    """Reads an archive from its start to its end, and believes nothing that it says before it is checked."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Read from a file that stands at the archive's start.

        Args:
            file: that can be read.
            name: of the archive, for errors.
        """
        self._file, self._name = file, name
        self._sums: list[str] = []

    def members(self) -> Iterator[Member]:
        """Yield each member but the checksums, which are compared when all have been read.

        ``content`` must be read to its end before the next one is asked for.

        Raises:
            DamagedError: the archive is cut off, has a member that is no plain file or has a bad name, the
                same name twice, or another checksum than it states.
        """
        seen: set[str] = set()
        while (member := self._header()).name != SUMS:
            if member.name in seen:
                raise self._damaged(f"holds {member.name!r} twice")
            seen.add(member.name)
            yield member
        stated = "".join(self._sums).encode("utf-8", "surrogateescape")
        # Of the length that is expected, or else it is not read at all.
        if member.size != len(stated) or b"".join(self._pieces(member)) != stated:
            raise self._damaged("does not have the checksums that it states")

    def content(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of the member that was yielded last, a piece at a time.

        Raises:
            DamagedError: the archive is cut off.
        """
        digest = hashlib.sha256()
        for piece in self._pieces(member):
            digest.update(piece)
            yield piece
        self._sums.append(_line(digest.hexdigest(), member.name))

    def _pieces(self, member: Member) -> Iterator[bytes]:
        left = member.size
        for piece in _pieces(self._file, member.size):
            left -= len(piece)
            yield piece
        padding = -member.size % _BLOCK
        if left or len(self._file.read(padding)) != padding:
            raise self._damaged("is cut off")

    def _header(self) -> Member:
        header = self._file.read(_BLOCK)
        if len(header) < _BLOCK or not any(header):
            raise self._damaged("is cut off, or is no backup")
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise self._damaged(f"is no backup of this program: {error}") from error
        if info.type != tarfile.REGTYPE or info.size < 0:
            raise self._damaged(f"holds {info.name!r}, which is no plain file")
        parts = info.name.split("/")
        bad = any(part in ("", ".", "..") for part in parts) or any(sign in info.name for sign in _FORBIDDEN)
        if bad or PurePosixPath(info.name).is_absolute():
            raise self._damaged(f"holds the name {info.name!r}, which no backup has")
        return Member(info.name, info.size)

    def _damaged(self, what: str) -> DamagedError:
        return DamagedError(f"the backup {self._name} {what}; nothing was restored")


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next bytes of a file, at most ``size``, a piece at a time."""
    while size and (piece := file.read(min(size, _CHUNK))):
        size -= len(piece)
        yield piece


def _line(digest: str, name: str) -> str:
    return f"{digest}  {name}\n"
