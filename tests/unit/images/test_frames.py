"""The frame that stands for an animation."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

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
