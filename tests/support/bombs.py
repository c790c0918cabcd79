"""Files of a few megabytes or less that would keep a decoder busy for minutes, or fill the memory."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import tifffile
from PIL import Image

import hostile

PROGRESSIVE = hostile.encoded(hostile.photo(), "JPEG", progressive=True)
JPEG = hostile.encoded(hostile.photo(), "JPEG")


def exif_bomb() -> bytes:
    """Pillow copies all that came before for each of these 200,000 segments."""
    return hostile.with_segments(JPEG, 0xE1, [b"Exif\0\0" + bytes(10)] * 200_000)


def scans_of_a_picture() -> bytes:
    picture = hostile.encoded(hostile.photo(2000, 1500), "JPEG", progressive=True)
    return hostile.scanned(picture, 65_000)


def scans_of_a_big_picture() -> bytes:
    big = hostile.encoded(Image.new("L", (10_000, 10_000)), "JPEG", progressive=True, quality=1)
    return hostile.scanned(big, 50)


def png_of(chunks: int) -> bytes:
    png = hostile.encoded(hostile.photo(), "PNG")
    return png[:33] + hostile.png_chunk(b"abCd", b"") * chunks + png[33:]


def tiff_of(strips: int, width: int = 8) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((strips, width), np.uint8), rowsperstrip=1)
    return file.getvalue()


def gif_comments(blocks: int) -> bytes:
    gif = hostile.encoded(hostile.photo().quantize(8), "GIF")
    start = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:start] + b"!\xfe" + (b"\xff" + bytes(255)) * blocks + b"\x00" + gif[start:]


def gif_frame(image: Image.Image) -> bytes:
    """One frame of a GIF, from its control block to its last block of pixels."""
    gif = hostile.encoded(image, "GIF")
    at = 13 + (3 << (gif[10] & 7) + 1)
    return b"!\xf9\x04\x08\x00\x00\x00\x00" + gif[gif.index(b",", at) : -1]


def precincts_of_a_pixel(side: int = 1400) -> bytes:
    """A JPEG 2000 file of few pixels, whose decoder takes half a kilobyte for each of them."""
    data = hostile.encoded(
        Image.new("L", (side, side)), "JPEG2000", codeblock_size=(4, 4), num_resolutions=1, no_jp2=True
    )
    at = data.index(b"\xff\x52")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    style = bytearray(data[at:end])
    style[4] |= 1  # the sizes of precincts follow, here of 2 to the 0
    style += bytes(style[9] + 1)
    style[2:4] = (len(style) - 2).to_bytes(2, "big")
    return data[:at] + bytes(style) + data[end:]


def wide_webp(side: int) -> bytes:
    return hostile.encoded(Image.new("RGB", (side, side)), "WEBP", lossless=True, method=0)


def gif_of(extensions: bytes) -> bytes:
    gif = hostile.encoded(hostile.photo().quantize(8), "GIF")
    start = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:start] + extensions + gif[start:]


def png_profiles(count: int) -> bytes:
    """Each is unpacked to a megabyte, though only the last one counts."""
    png = hostile.encoded(hostile.photo(), "PNG")
    profile = hostile.png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 20), 9))
    return png[:33] + profile * count + png[33:]


def bmp_runs(runs: int) -> bytes:
    """Runs of one pixel each, of a BMP of 8 bits per pixel and rows of 4,000 pixels."""
    row = b"\1\7" * 4000 + b"\0\0"
    info = struct.pack("<IiiHHIIiiII", 40, 4000, runs // 4000, 1, 8, 1, 0, 0, 0, 256, 0)
    return (
        b"BM" + struct.pack("<IHHI", 1078 + 2 * runs, 0, 0, 1078) + info + bytes(1024) + row * (runs // 4000)
    )


def tiff_with_a_page_of(strips: int) -> bytes:
    first = bytearray(tiff_of(1))
    at = int.from_bytes(first[4:8], "little")
    after = at + 2 + 12 * int.from_bytes(first[at : at + 2], "little")
    first[after : after + 4] = len(first).to_bytes(4, "little")
    return bytes(first) + hostile.tiff([(273, 4, strips, 8)])[8:]


def heif_parts(name: bytes, brand: bytes, size: int) -> bytes:
    """The head of an AVIF or HEIC with a long list of its parts."""

    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + name + content

    kinds = box(b"ftyp", brand + bytes(4) + brand)
    parts = box(name, bytes(size))
    return kinds + box(b"meta", bytes(4) + (box(b"iprp", parts) if name == b"ipma" else parts))


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "65,000 empty scans": (scans_of_a_picture, "250 scans of a JPEG"),
    "60 scans of 100 million pixels": (scans_of_a_big_picture, "pixels in all scans of a JPEG"),
    "200,000 segments of Exif": (exif_bomb, "64 segments of Exif in a JPEG"),
    "a million segments": (lambda: hostile.with_segments(JPEG, 0xEB, [b""] * 1_000_000), "4,000 segments"),
    "500,000 chunks": (lambda: png_of(500_000), "100,000 chunks of a PNG"),
    "a million strips": (lambda: tiff_of(1_000_000), "100,000 strips or tiles of a TIFF"),
    "40,000 blocks of comment": (lambda: gif_comments(40_000), "4,000 blocks of comment in a GIF"),
    "8 MB of padding": (
        lambda: JPEG[:2] + b"\xff" * 8_000_000 + JPEG[2:],
        "100,000 bytes of padding in a JPEG",
    ),
    "1,000 profiles of a megabyte": (lambda: png_profiles(1000), "16 colour profiles in a PNG"),
    "4 million blocks": (lambda: gif_of(b"!\xff" + b"\1x" * 4_000_000 + b"\0"), "1,200,000 blocks of a GIF"),
    "1.6 million extensions": (lambda: gif_of(b"!\xff\1x\0" * 1_600_000), "1,200,000 blocks of a GIF"),
    "5 million runs": (lambda: bmp_runs(5_000_000), "4,000,000 bytes of run lengths in a BMP"),
    "a second page of a million strips": (
        lambda: tiff_with_a_page_of(1_000_000),
        "100,000 strips or tiles of a TIFF",
    ),
    "a big TIFF of a million tags": (
        lambda: b"II\x2b\0\x08\0\0\0" + struct.pack("<QQ", 16, 1_000_000) + bytes(20_000_000),
        "100,000 tags of a TIFF",
    ),
    **{
        f"{name.decode()} of a megabyte in {brand.decode()}": (
            functools.partial(heif_parts, name, brand, 1_000_000),
            "262,144 bytes in a list of the parts",
        )
        for name in (b"iinf", b"iloc", b"iref", b"ipma")
        for brand in (b"avif", b"heic")
    },
    "a WebP of 10,900 x 10,900": (
        lambda: wide_webp(10_900),
        "10,900 x 10,900 pixels, above the limit of 54,000,000",
    ),
}
"""By name: how to build one, and part of the reason for which it must be refused by counting its parts."""
