"""Files of a few megabytes or less that would keep a decoder busy for minutes, or fill the memory."""

from __future__ import annotations

import io
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


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "65,000 empty scans": (scans_of_a_picture, "250 scans of a JPEG"),
    "60 scans of 100 million pixels": (scans_of_a_big_picture, "pixels in all scans of a JPEG"),
    "200,000 segments of Exif": (exif_bomb, "64 segments of Exif in a JPEG"),
    "a million segments": (lambda: hostile.with_segments(JPEG, 0xEB, [b""] * 1_000_000), "4,000 segments"),
    "500,000 chunks": (lambda: png_of(500_000), "100,000 chunks of a PNG"),
    "a million strips": (lambda: tiff_of(1_000_000), "100,000 strips or tiles of a TIFF"),
    "40,000 blocks of comment": (lambda: gif_comments(40_000), "4,000 blocks of comment in a GIF"),
    "a WebP of 10,900 x 10,900": (
        lambda: wide_webp(10_900),
        "10,900 x 10,900 pixels, above the limit of 54,000,000",
    ),
}
"""By name: how to build one, and part of the reason for which it must be refused by counting its parts."""
