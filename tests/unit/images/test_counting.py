"""Small files that would keep a decoder busy for minutes are refused by counting; honest ones pass."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from PIL import Image

import hostile
from lookalike.errors import ImageTooLarge
from lookalike.images import decode
from lookalike.images.counting import refuse_costly
from lookalike.settings import Limits

_PROGRESSIVE = hostile.encoded(hostile.photo(), "JPEG", progressive=True)
_JPEG = hostile.encoded(hostile.photo(), "JPEG")


def _exif_bomb() -> bytes:
    """Pillow copies all that came before for each of these 200,000 segments."""
    return hostile.with_segments(_JPEG, 0xE1, [b"Exif\0\0" + bytes(10)] * 200_000)


def _scans_of_a_picture() -> bytes:
    picture = hostile.encoded(hostile.photo(2000, 1500), "JPEG", progressive=True)
    return hostile.scanned(picture, 65_000)


def _scans_of_a_big_picture() -> bytes:
    big = hostile.encoded(Image.new("L", (10_000, 10_000)), "JPEG", progressive=True, quality=1)
    return hostile.scanned(big, 50)


def _png(chunks: int) -> bytes:
    png = hostile.encoded(hostile.photo(), "PNG")
    return png[:33] + hostile.png_chunk(b"abCd", b"") * chunks + png[33:]


def _tiff(strips: int, width: int = 8) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((strips, width), np.uint8), rowsperstrip=1)
    return file.getvalue()


def _gif_comments(blocks: int) -> bytes:
    gif = hostile.encoded(hostile.photo().quantize(8), "GIF")
    start = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:start] + b"!\xfe" + (b"\xff" + bytes(255)) * blocks + b"\x00" + gif[start:]


def _wide_webp(side: int) -> bytes:
    return hostile.encoded(Image.new("RGB", (side, side)), "WEBP", lossless=True, method=0)


_BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "65,000 empty scans": (_scans_of_a_picture, "250 scans of a JPEG"),
    "60 scans of 100 million pixels": (_scans_of_a_big_picture, "pixels in all scans of a JPEG"),
    "200,000 segments of Exif": (_exif_bomb, "64 segments of Exif in a JPEG"),
    "a million segments": (lambda: hostile.with_segments(_JPEG, 0xEB, [b""] * 1_000_000), "4,000 segments"),
    "500,000 chunks": (lambda: _png(500_000), "100,000 chunks of a PNG"),
    "a million strips": (lambda: _tiff(1_000_000), "100,000 strips or tiles of a TIFF"),
    "40,000 blocks of comment": (lambda: _gif_comments(40_000), "4,000 blocks of comment in a GIF"),
    "a WebP of 10,900 x 10,900": (
        lambda: _wide_webp(10_900),
        "10,900 x 10,900 pixels, above the limit of 67,500,000",
    ),
}


@pytest.mark.parametrize("name", _BOMBS)
def test_a_bomb_is_refused_by_its_parts(name: str) -> None:
    build, reason = _BOMBS[name]
    with pytest.raises(ImageTooLarge, match=reason) as caught:
        decode(build(), at_least=256)
    assert len(str(caught.value)) < 180


def _big_tiff() -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((48, 64), np.uint8), bigtiff=True, rowsperstrip=4)
    return file.getvalue()


_HONEST: dict[str, Callable[[], bytes]] = {
    "progressive": lambda: _PROGRESSIVE,
    "some empty scans": lambda: hostile.scanned(_PROGRESSIVE, 200),
    "Exif in 20 segments": lambda: hostile.with_segments(_JPEG, 0xE1, [b"Exif\0\0" + bytes(65_000)] * 20),
    "profiles in 255 segments": lambda: hostile.with_segments(_JPEG, 0xE2, [bytes(60_000)] * 255),
    "padding between segments": lambda: _JPEG[:2] + b"\xff" * 5_000 + _JPEG[2:],
    "20,000 chunks": lambda: _png(20_000),
    "a strip per row": lambda: _tiff(20_000),
    "big tiff": _big_tiff,
    "a long comment": lambda: _gif_comments(3_000),
    "animated": lambda: hostile.encoded(
        hostile.photo(), "GIF", save_all=True, append_images=[hostile.photo(seed=1)] * 3
    ),
    "lossy webp": lambda: hostile.encoded(hostile.photo(), "WEBP"),
    "extended webp": lambda: hostile.encoded(hostile.photo(), "WEBP", exif=hostile.exif(1)),
}


@pytest.mark.parametrize("name", _HONEST)
def test_what_honest_files_have_passes(name: str) -> None:
    picture = decode(_HONEST[name]())
    assert not picture.remark


@pytest.mark.parametrize(
    ("form", "options"),
    [("JPEG", {}), ("PNG", {}), ("GIF", {}), ("WEBP", {}), ("WEBP", {"lossless": True}), ("TIFF", {})],
)
def test_a_file_that_ends_anywhere_is_left_to_its_decoder(form: str, options: dict[str, object]) -> None:
    data = hostile.encoded(hostile.photo(24, 16), form, **options)
    for end in range(12, len(data)):
        refuse_costly(data[:end], form, Limits())


@pytest.mark.parametrize(
    ("options", "size"), [({}, (300, 200)), ({"lossless": True}, (300, 200)), ({"exif": b"x"}, (300, 200))]
)
def test_the_size_of_a_webp_is_found_in_each_of_its_heads(
    options: dict[str, object], size: tuple[int, int]
) -> None:
    data = hostile.encoded(hostile.photo(*size), "WEBP", **options)
    enough = -(-size[0] * size[1] * 16 // 9)
    refuse_costly(data, "WEBP", Limits(pixels=enough))
    with pytest.raises(ImageTooLarge, match="300 x 200 pixels"):
        refuse_costly(data, "WEBP", Limits(pixels=enough - 2))
