"""Telling the raw files of cameras from the TIFF files that most of them pretend to be."""

from __future__ import annotations

import struct

_SIGNATURES = (b"FUJIFILMCCD-RAW", b"IIU\x00", b"IIRO", b"IIRS", b"MMOR")
_DNG_VERSION, _SUBFILE_TYPE, _SUBFILES, _MAKE = 50706, 254, 330, 271
_MOST_ENTRIES = 256


def is_raw(data: bytes) -> bool:
    """Whether bytes are those of a raw file; its first TIFF directory then shows only a stamp-sized preview.

    Args:
        data: a file, or its beginning, which tells less.
    """
    if data.startswith(_SIGNATURES) or data[4:12] == b"ftypcrx ":
        return True
    if data[:4] not in (b"II\x2a\x00", b"MM\x00\x2a"):
        return False
    if data[8:10] == b"CR":
        return True
    tags = _first_directory(data)
    reduced = tags.get(_SUBFILE_TYPE, 0) & 1
    return _DNG_VERSION in tags or bool(reduced and _SUBFILES in tags and _MAKE in tags)


def _first_directory(data: bytes) -> dict[int, int]:
    """Tags of the first directory with the number that stands in each entry (TIFF 6.0, section 2)."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        entries = (
            struct.unpack_from(order + "HHII", data, at + 2 + 12 * number)
            for number in range(min(count, _MOST_ENTRIES))
        )
        return {tag: value for tag, _, _, value in entries}
    except struct.error:
        return {}
