"""Small files that would keep a decoder busy for minutes are refused by counting; honest ones pass."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import tifffile

import bombs
import hostile
from lookalike.errors import ImageTooLarge
from lookalike.images import decode
from lookalike.images.counting import refuse_costly
from lookalike.settings import Limits


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_bomb_is_refused_by_its_parts(name: str) -> None:
    build, reason = bombs.BOMBS[name]
    with pytest.raises(ImageTooLarge, match=reason) as caught:
        decode(build(), at_least=256)
    assert len(str(caught.value)) < 180


def _big_tiff() -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((48, 64), np.uint8), bigtiff=True, rowsperstrip=4)
    return file.getvalue()


_HONEST: dict[str, Callable[[], bytes]] = {
    "progressive": lambda: bombs.PROGRESSIVE,
    "some empty scans": lambda: hostile.scanned(bombs.PROGRESSIVE, 200),
    "Exif in 20 segments": lambda: hostile.with_segments(
        bombs.JPEG, 0xE1, [b"Exif\0\0" + bytes(65_000)] * 20
    ),
    "profiles in 255 segments": lambda: hostile.with_segments(bombs.JPEG, 0xE2, [bytes(60_000)] * 255),
    "padding between segments": lambda: bombs.JPEG[:2] + b"\xff" * 5_000 + bombs.JPEG[2:],
    "20,000 chunks": lambda: bombs.png_of(20_000),
    "a strip per row": lambda: bombs.tiff_of(20_000),
    "big tiff": _big_tiff,
    "two profiles": lambda: bombs.png_profiles(2),
    "runs of a pixel": lambda: bombs.bmp_runs(80_000),
    "tiff of many pages": lambda: hostile.encoded(
        hostile.photo(), "TIFF", save_all=True, append_images=[hostile.photo(seed=1)] * 300
    ),
    "avif": lambda: hostile.encoded(hostile.photo(), "AVIF"),
    "a long comment": lambda: bombs.gif_comments(3_000),
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
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("BMP", {}),
        ("AVIF", {}),
    ],
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
    enough = -(-size[0] * size[1] * 20 // 9)
    refuse_costly(data, "WEBP", Limits(pixels=enough))
    with pytest.raises(ImageTooLarge, match="300 x 200 pixels"):
        refuse_costly(data, "WEBP", Limits(pixels=enough - 3))
