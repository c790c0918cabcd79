"""Counts the parts of a file before it is decoded, and refuses one that has more than any honest file.

Decoders take time for each part, some for each pair of parts, so that a small file can keep one busy for
minutes. Counting takes a walk over the parts, each of which is skipped by the length that it states. A file
that does not hold to its format is left to its decoder, which says what is wrong with it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from importlib import import_module

from lookalike.errors import ImageTooLarge
from lookalike.settings import Limits

_JPEG_SEGMENTS = 4_000
_EXIF_SEGMENTS = 64  # Pillow joins them one by one
_JPEG_SCANS = 250  # a progressive picture has about 10
_SCANNED_PIXELS = 4_000_000_000  # in all scans: each goes over the whole picture, even if it is empty
_JPEG_PADDING = 100_000  # bytes between segments, each of which Pillow reads by itself
_PNG_CHUNKS = 100_000  # libpng writes 8 KiB of pixels in each
_PNG_PROFILES = 16  # there may be one; a kilobyte unpacks to a megabyte
_GIF_BLOCKS = 1_200_000  # the largest file that is read has so many, of 255 bytes each
_GIF_COMMENTS = 4_000  # blocks of 255 bytes, which Pillow joins one by one
_RLE_BYTES = 4_000_000  # Pillow unpacks them in Python, two at a time
_TIFF_PARTS = _TIFF_TAGS = 100_000
_TIFF_PAGES = 240
_BOXES = 100_000
_LIST_BYTES = 1 << 18  # a picture of 1,000 tiles has lists of 20,000; decoders go through them for each tile
_WEBP_BYTES = 20  # per pixel: two canvases of libwebp, a copy for Python, Pillow's own; 17 were seen

BYTES_PER_PIXEL = 9
"""Memory that decoding may take for each pixel that is allowed. An RGBA picture takes 9: 4 as it is, 4 as RGB
and 1 as its transparency."""

_SOS, _APP1 = 0xDA, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_STRIPS, _TILES = 273, 324
_CONTAINERS = {b"meta": 4, b"iprp": 0}
"""Boxes of an ISO media file that hold others, and the bytes before these."""
_LISTS = frozenset({b"iinf", b"iloc", b"iref", b"ipma"})


def refuse_costly(data: bytes, name: str, limits: Limits) -> None:
    """Refuse a file of too many parts.

    Args:
        data: the file.
        name: Pillow's name of its format.
        limits: ``pixels`` bound the memory that decoding may take.

    Raises:
        ImageTooLarge: naming what there is too much of.
    """
    check = _CHECKS.get(name)
    if check is not None:
        try:
            check(data, limits)
        except (struct.error, IndexError):  # the file ends within a part; its decoder says so
            return


def ends_early(data: bytes, name: str) -> bool:
    """Whether a file ends within its parts, or before the mark that ends them; told of GIFs only.

    Args:
        data: the file, which ``refuse_costly`` has let pass.
        name: Pillow's name of its format.
    """
    try:
        if name == "GIF":
            _check_gif(data, Limits())
    except IndexError:
        return True
    return False


def pixels_at_opening(data: bytes, name: str) -> int:
    """Pixels for which a decoder takes memory as soon as it opens a file; 0 if it waits, as most do.

    Args:
        data: the file.
        name: Pillow's name of its format.

    Raises:
        ValueError: the file does not say how many.
    """
    if name == "WEBP":
        width, height = _webp_size(data)
    elif name == "JXL":
        width, height = import_module("lookalike.images.jxl").stated_size(data)
    else:
        return 0
    return width * height


def _refuse_above(most: int, found: int, parts: str) -> None:
    if found > most:
        raise ImageTooLarge(f"more than {most:,} {parts}: no picture needs so many, and they take long")


def _check_jpeg(data: bytes, _: Limits) -> None:
    """Count segments before the first scan, and scans (ITU-T T.81, annex B)."""
    pixels = exif = at = 0
    for segments, (marker, at) in enumerate(_markers(data), 1):
        _refuse_above(_JPEG_SEGMENTS, segments, "segments of a JPEG")
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            pixels = max(pixels, width * height)
        elif marker == _APP1 and data[at + 4 : at + 10] == b"Exif\0\0":
            exif += 1
            _refuse_above(_EXIF_SEGMENTS, exif, "segments of Exif in a JPEG")
    scans = data.count(b"\xff\xda", at)
    _refuse_above(_JPEG_SCANS, scans, "scans of a JPEG")
    _refuse_above(_SCANNED_PIXELS, scans * pixels, "pixels in all scans of a JPEG")


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """The marker of each segment up to the first scan, and where it lies."""
    at, padding = 2, 0
    while (at := data.find(b"\xff", at)) >= 0:
        marker = data[at + 1]
        if marker in (0x00, 0xFF):
            at += 1
            padding += 1
            _refuse_above(_JPEG_PADDING, padding, "bytes of padding in a JPEG")
            continue
        yield marker, at
        if marker == _SOS:
            return
        at += 2
        if marker not in _WITHOUT_LENGTH:
            at += struct.unpack_from(">H", data, at)[0]


def _check_png(data: bytes, _: Limits) -> None:
    """Count chunks, and those that hold colour profiles (ISO/IEC 15948, clauses 5 and 11.3.3.3)."""
    at, profiles = 8, 0
    for chunks in range(1, _PNG_CHUNKS + 2):
        _refuse_above(_PNG_CHUNKS, chunks, "chunks of a PNG")
        profiles += data[at + 4 : at + 8] == b"iCCP"
        _refuse_above(_PNG_PROFILES, profiles, "colour profiles in a PNG")
        at += 12 + struct.unpack_from(">I", data, at)[0]


def _check_gif(data: bytes, _: Limits) -> None:
    """Count all blocks, and those of comments (GIF89a specification, sections 15 to 27)."""
    comments = blocks = 0
    at = 13 + _palette_bytes(data[10])
    while data[at] in b"!,":
        is_comment = data[at : at + 2] == b"!\xfe"
        at += 2 if data[at : at + 1] == b"!" else 11 + _palette_bytes(data[at + 9])
        blocks += 1
        while data[at]:
            at += 1 + data[at]
            blocks += 1
            comments += is_comment
            _refuse_above(_GIF_COMMENTS, comments, "blocks of comment in a GIF")
            _refuse_above(_GIF_BLOCKS, blocks, "blocks of a GIF")
        _refuse_above(_GIF_BLOCKS, blocks, "blocks of a GIF")
        at += 1


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _check_webp(data: bytes, limits: Limits) -> None:
    """Bound the memory by the size of the canvas."""
    width, height = _webp_size(data)
    most = limits.pixels * BYTES_PER_PIXEL // _WEBP_BYTES
    if width * height > most:
        raise ImageTooLarge(
            f"{width:,} x {height:,} pixels, above the limit of {most:,} for WebP, whose decoder takes more "
            "memory than others (setting max_pixels)"
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of the canvas (WebP container specification)."""
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[place : place + 3], "little") + 1 for place in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(body[place : place + 2], "little") & 0x3FFF for place in (6, 8))
    return width, height


def _check_bmp(data: bytes, _: Limits) -> None:
    """Bound the bytes that are packed by run lengths, compressions 1 and 2 of BITMAPINFOHEADER."""
    (compression,) = struct.unpack_from("<I", data, 30)
    if compression in (1, 2):
        _refuse_above(_RLE_BYTES, len(data), "bytes of run lengths in a BMP")


def _check_tiff(data: bytes, _: Limits) -> None:
    """Count tags, and strips or tiles, of the pages that may be decoded (TIFF 6.0, section 2; BigTIFF)."""
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] in (b"\x2b\x00", b"\x00\x2b"):
        (at,), head, entry, pointer = struct.unpack_from(order + "Q", data, 8), "Q", "HHQ8x", "Q"
    else:
        (at,), head, entry, pointer = struct.unpack_from(order + "I", data, 4), "H", "HHI4x", "I"
    size, tags = struct.calcsize(order + entry), 0
    for _page in range(_TIFF_PAGES):
        if not at:
            return
        (here,) = struct.unpack_from(order + head, data, at)
        tags += here
        _refuse_above(_TIFF_TAGS, tags, "tags of a TIFF")
        at += struct.calcsize(order + head)
        end = at + here * size
        for place in range(at, min(end, len(data) - size), size):
            tag, _type, count = struct.unpack_from(order + entry, data, place)
            if tag in (_STRIPS, _TILES):
                _refuse_above(_TIFF_PARTS, count, "strips or tiles of a TIFF")
        (at,) = struct.unpack_from(order + pointer, data, end)


def _check_heif(data: bytes, _: Limits) -> None:
    """Bound the lists of parts (ISO/IEC 14496-12, sections 4.2, 8.11 and 8.16; ISO/IEC 23008-12, 9.3)."""
    for boxes, (name, size) in enumerate(_boxes(data, 0, len(data)), 1):
        _refuse_above(_BOXES, boxes, "boxes of an AVIF or HEIC")
        if name in _LISTS:
            _refuse_above(_LIST_BYTES, size, "bytes in a list of the parts of an AVIF or HEIC")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Name and size of each box up to a place, and of those inside containers."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        elif not size:
            size = end - at
        if size < head:
            return
        yield name, size
        if name in _CONTAINERS:
            yield from _boxes(data, at + head + _CONTAINERS[name], min(end, at + size))
        at += size


_CHECKS: dict[str, Callable[[bytes, Limits], None]] = {
    "JPEG": _check_jpeg,
    "PNG": _check_png,
    "GIF": _check_gif,
    "WEBP": _check_webp,
    "TIFF": _check_tiff,
    "BMP": _check_bmp,
    "AVIF": _check_heif,
    "HEIF": _check_heif,
}
