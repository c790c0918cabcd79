"""The same picture as bytes and as a Pillow image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hostile
from lookalike.images import Limits, decode
from lookalike.images.given import from_pillow

PICTURE = hostile.photo(160, 120)


def _glass() -> Image.Image:
    image = Image.new("RGBA", (160, 120))
    ImageDraw.Draw(image).text((20, 30), "white", fill="white", font_size=40)
    return image


def _fading(form: str) -> bytes:
    frames = [Image.blend(Image.new("RGB", PICTURE.size), PICTURE, step / 4) for step in range(5)]
    return hostile.encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=50)


DEEP = Image.fromarray(np.linspace(0, 4095, 160 * 120).astype(np.uint16).reshape(120, 160))
FILES = {
    "turned jpeg": hostile.encoded(PICTURE, "JPEG", exif=hostile.exif(6)),
    "turned tiff": hostile.encoded(PICTURE, "TIFF", exif=hostile.exif(6)),
    "turned webp": hostile.encoded(PICTURE, "WEBP", exif=hostile.exif(8)),
    "palette": hostile.encoded(PICTURE.quantize(32), "PNG", transparency=bytes(range(0, 256, 8))),
    "white ink": hostile.encoded(_glass(), "PNG"),
    "grey white ink": hostile.encoded(_glass().convert("LA"), "PNG"),
    "deep": hostile.encoded(DEEP, "PNG"),
    "inks": hostile.encoded(PICTURE.convert("CMYK"), "JPEG"),
    "gif": _fading("GIF"),
    "apng": _fading("PNG"),
    "webp": _fading("WEBP"),
    "cut short": hostile.encoded(PICTURE, "JPEG")[:-2],
}


@pytest.mark.parametrize("at_least", [None, 20])
@pytest.mark.parametrize("name", FILES)
def test_an_opened_image_is_what_its_file_is(name: str, at_least: int | None) -> None:
    expected = decode(FILES[name], at_least=at_least).image
    with Image.open(io.BytesIO(FILES[name])) as opened:
        for _ in range(2 if name in ("gif", "apng", "webp") else 1):
            found = from_pillow(opened, Limits(), at_least=at_least)
            assert (found.size, found.tobytes()) == (expected.size, expected.tobytes())


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("gif", "apng", "webp", "cut short")])
def test_so_is_a_loaded_one(name: str) -> None:
    with Image.open(io.BytesIO(FILES[name])) as opened:
        opened.load()
        assert from_pillow(opened, Limits()).tobytes() == decode(FILES[name]).image.tobytes()


def test_what_a_caller_drew_on_it_counts() -> None:
    with Image.open(io.BytesIO(hostile.encoded(PICTURE, "PNG"))) as opened:
        opened.paste("red", (0, 0, 160, 120))
        assert from_pillow(opened, Limits()).getpixel((5, 5)) == (255, 0, 0)


def test_a_frame_that_was_sought_counts() -> None:
    with Image.open(io.BytesIO(FILES["webp"])) as opened:
        opened.seek(1)
        assert np.asarray(from_pillow(opened, Limits()), int).mean() < 0.5 * np.asarray(PICTURE, int).mean()


def test_the_picture_that_comes_out_is_not_turned_again() -> None:
    once = decode(FILES["turned jpeg"]).image
    assert from_pillow(once, Limits()).size == once.size


def test_a_format_that_only_callers_have_is_taken() -> None:
    with Image.open(io.BytesIO(hostile.encoded(PICTURE, "PPM"))) as opened:
        assert from_pillow(opened, Limits()).tobytes() == PICTURE.tobytes()
