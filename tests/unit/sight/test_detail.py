"""Two versions of one drawing that differ in many places, each of them a little."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from seen import closely, looked


def uptime(seed: int, fewest: int = 0) -> Image.Image:
    """Rows of green bars, some of which are yellow: the page of a service that says when it was slow."""
    late = random.Random(seed)
    image = Image.new("RGB", (860, 620), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((50, 20, 810, 70), (46, 204, 102))
    for row in range(6):
        top = 90 + 86 * row
        pen.rectangle((50, top, 810, top + 76), None, (224, 224, 224))
        yellow = late.sample(range(90), late.randint(fewest, fewest + 4))
        for bar in range(90):
            colour = (241, 196, 15) if bar in yellow else (46, 204, 102)
            pen.rectangle((66 + 8 * bar, top + 32, 71 + 8 * bar, top + 66), colour)
    return image


@pytest.mark.parametrize("versions", [(0, 1), (1, 3), (1, 5), (3, 5), (3, 6), (4, 6)])
def test_drawings_differ_wherever_they_do_if_the_rest_is_exact(versions: tuple[int, int]) -> None:
    first, second = map(uptime, versions)
    assert looked(first, second).whole_copy  # at 256 pixels nobody sees it
    assert closely(first, second).differs_in_detail


@pytest.mark.parametrize("versions", [(0, 1), (0, 2), (1, 3)])
def test_drawings_that_differ_in_many_places_are_told_apart_by_their_colours(
    versions: tuple[int, int],
) -> None:
    first, second = (uptime(seed, fewest=8) for seed in versions)
    assert not looked(first, second).verified


def captioned(original: Image.Image) -> Image.Image:
    """The drawing with a caption over its lowest tenth."""
    copy = original.copy()
    pen = ImageDraw.Draw(copy)
    pen.rectangle((0, 560, 860, 620), "black")
    pen.text((430, 590), "when you see it", "white", ImageFont.load_default(30), "mm")
    return copy


@pytest.mark.parametrize("versions", [(0, 1), (0, 2), (1, 3)])
def test_a_caption_does_not_hide_that_two_drawings_differ_elsewhere(versions: tuple[int, int]) -> None:
    first, second = map(uptime, versions)
    found = looked(first, captioned(second))
    assert found.uncut_copy
    assert not found.whole
    assert closely(first, captioned(second)).differs_in_detail


@pytest.mark.parametrize("seed", [0, 1])
def test_a_caption_on_a_drawing_is_no_detail(seed: int) -> None:
    original = uptime(seed, fewest=8)
    found = closely(original, captioned(original))
    assert found.uncut_copy
    assert not found.whole


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_an_edit_of_the_whole_drawing_is_no_detail(seed: int) -> None:
    original = uptime(seed)
    for copy in (
        ImageOps.posterize(original, 4),
        original.quantize(16).convert("RGB"),
        ImageEnhance.Brightness(original).enhance(1.2),
        ImageEnhance.Contrast(original).enhance(1.5),
    ):
        assert closely(original, copy).verified
