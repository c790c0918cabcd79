"""WebP files that are cut short, made whole with other bytes for the missing ones.

libwebp refuses a file whose last chunk ends early, and one whose numbers run out before its pixels do. So the
chunk is lengthened by more than it lacks, and what fills it decodes to pixels of no meaning.
"""

from __future__ import annotations

from collections.abc import Iterator

_HEAD = 8  # bytes: name and size of a chunk
_FILE_HEAD, _FRAME_HEAD = 12, 16
_SPARE = 1 << 16
_FILLINGS = (b"\x00", b"\x80", b"\x55", b"\x29\x8e\xc3\x17")


def webp_filled(data: bytes) -> Iterator[bytes]:
    """Complete files, each with another filling.

    Args:
        data: begins with the head of a WebP file (RIFF container, WebP specification).

    Yields:
        Nothing if the file is not cut short, or less than half of it is there.
    """
    missing = int.from_bytes(data[4:8], "little") + _HEAD - len(data)
    if not 0 < missing <= len(data):
        return
    added = missing + _SPARE
    added += (len(data) + added) % 2  # chunks have even lengths
    head = bytearray(data)
    for at, size in _open_chunks(data):
        head[at + 4 : at + 8] = (size + added).to_bytes(4, "little")
    for filling in _FILLINGS:
        yield bytes(head) + (filling * (added // len(filling) + 1))[:added]


def _open_chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """The chunks that the end of the data cuts, outermost first: where each begins and how much is there."""
    yield 0, len(data) - _HEAD
    at = _FILE_HEAD
    while at + _HEAD <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + _HEAD + size + size % 2
        if end > len(data):
            yield at, len(data) - at - _HEAD
            if data[at : at + 4] != b"ANMF":
                return
            end = at + _HEAD + _FRAME_HEAD
        at = end
