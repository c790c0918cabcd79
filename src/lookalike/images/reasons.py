"""The one short line that people read when a file or its image cannot be used."""

from __future__ import annotations

import errno
import stat

_LONGEST = 120
_OS_REASONS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "symbolic links that lead in a circle",
    errno.ENAMETOOLONG: "the path is too long for this system",
    errno.ENXIO: "a socket or a device, not a regular file",
    errno.EISDIR: "a folder, not a regular file",
}
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_INCOMPLETE = ("truncated", "not enough", "incomplete", "but only got", "no data found", "end of file")
_UNUSUAL = ("supported", "cannot handle", "not implemented", "unknown")
"""What the messages of decoders have in common."""


def one_line(text: str) -> str:
    """``text`` without line breaks or control characters, and not longer than a line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def of_os_error(error: OSError | ValueError) -> str:
    """What the operating system refused, without the path. A path that it cannot hold is a ``ValueError``."""
    if isinstance(error, OSError):
        return (
            _OS_REASONS.get(error.errno or 0)
            or one_line(error.strerror or str(error) or "cannot be read").lower()
        )
    return "the path has characters that this system cannot hold"


def of_kind(mode: int) -> str:
    """Why a file of this ``st_mode`` is not read: it is no regular file."""
    return f"{_KINDS.get(stat.S_IFMT(mode), 'a special file')}, not a regular file"


def of_damage(format_name: str, error: Exception) -> str:
    """What is wrong with an image of the format ``format_name``, by what its decoder raised, and what to do.

    The decoders' own words ("broken data stream", "BMFF parsing failed") tell people nothing and change from
    version to version, so that only the kind of the fault is read from them.
    """
    image = f"{format_name} image".lstrip()
    said = str(error).lower()
    if any(word in said for word in _UNUSUAL):
        return f"an unusual or damaged {image}; save it as PNG with a program that shows it"
    if any(word in said for word in _INCOMPLETE):
        return f"an incomplete {image}: a part of its data is missing; copy or download it again"
    return f"a damaged {image}; copy or download it again"
