"""The frame that stands for an animation."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

import bombs
import hostile
from lookalike.images import decode

PHOTO = hostile.photo(160, 120)


def _animation(form: str, frames: list[Image.Image]) -> bytes:
    options = {"lossless": True} if form == "WEBP" else {}
    return hostile.encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=80, **options)


def _apart(data: bytes, image: Image.Image) -> float:
    return float(np.abs(np.asarray(decode(data).image, int) - np.asarray(image, int)).mean())


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("colour", ["black", "white"])
def test_an_animation_that_fades_in_is_what_it_fades_to(form: str, colour: str) -> None:
    blank = Image.new("RGB", PHOTO.size, colour)
    assert _apart(_animation(form, [Image.blend(blank, PHOTO, step / 6) for step in range(7)]), PHOTO) < 12


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_title_does_not_stand_for_what_follows(form: str) -> None:
    title = Image.new("RGB", PHOTO.size)
    ImageDraw.Draw(title).text((30, 50), "PRESENTS", fill="white", font_size=20)
    assert _apart(_animation(form, [title, title.copy(), PHOTO, PHOTO.copy()]), PHOTO) < 12


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_first_frame_that_shows_something_stays(form: str) -> None:
    assert _apart(_animation(form, [PHOTO, hostile.photo(160, 120, seed=1)]), PHOTO) < 12


def test_damage_behind_the_first_frame_is_no_fault() -> None:
    blank = Image.new("RGB", PHOTO.size)
    data = _animation("GIF", [blank, PHOTO, hostile.photo(160, 120, seed=2)])
    assert _apart(data[:-400], PHOTO) < 12


def test_later_frames_that_are_much_larger_than_the_first_are_not_decoded() -> None:
    """Room is taken for the first one: a GIF of 60 KB took 440 MB, one of 2 MB took 1.3 GB."""
    large = Image.effect_noise((2000, 1500), 90).quantize(2)
    frames = bytearray(hostile.encoded(Image.new("P", (1, 1)), "GIF")[:-1])
    frames += bombs.gif_frame(large) * 3 + b";"
    decoded = decode(bytes(frames))
    assert (decoded.image.size, decoded.width, decoded.height) == ((1, 1), 1, 1)
    pages = [Image.new("L", (1, 1)), large.convert("RGB")]
    decoded = decode(hostile.encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert (decoded.image.size, decoded.width, decoded.height) == ((1, 1), 1, 1)


def test_a_page_a_little_larger_than_a_blank_first_one_stands_for_a_document() -> None:
    blank, page = Image.new("RGB", (160, 120)), hostile.photo(161, 122)
    decoded = decode(hostile.encoded(blank, "TIFF", save_all=True, append_images=[page, blank]))
    assert (decoded.width, decoded.height) == (161, 122)
    assert decoded.image.tobytes() == page.tobytes()
