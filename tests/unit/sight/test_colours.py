"""Colours: one thing that is sold in several is no copy of itself, and recoloured photos still are."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from lookalike.alterations import ALTERATIONS, COPY_KINDS
from lookalike.sight import Sight, look


def mug(hue: float) -> Image.Image:
    """A mug on white ground, lit from the left."""
    y, x = np.mgrid[0:400, 0:400]
    levels = np.full((400, 400, 3), 255.0)
    colour = 255 * np.array(colorsys.hsv_to_rgb(hue, 0.7, 0.9))
    handle = np.abs(np.hypot(x - 270, y - 210) - 50) < 11
    levels[handle] = 0.7 * colour
    side = (np.abs(x - 180) < 90) & (y > 100) & (y < 330)
    light = 0.35 + 0.65 * np.sqrt(np.clip(1 - ((x - 150) / 150) ** 2, 0, 1))
    levels[side] = (light[..., None] * colour)[side]
    levels[((x - 180) / 90) ** 2 + ((y - 100) / 18) ** 2 < 1] = 0.4 * colour
    return Image.fromarray(levels.astype(np.uint8))


@pytest.mark.parametrize("other", [0.13, 0.33, 0.5, 0.67, 0.87])
def test_a_thing_in_another_colour_is_no_copy(other: float) -> None:
    assert not look(Sight(mug(0)), Sight(mug(other))).verified


@pytest.mark.parametrize("hue", [0.05, 0.3, 0.6])
def test_a_copy_may_be_warmer_paler_grey_or_brown(hue: float) -> None:
    original = mug(hue)
    sepia = ImageOps.colorize(original.convert("L"), "#221100", "#ffeecc").convert("RGB")
    copies = [sepia, *(ALTERATIONS[name].apply(original) for name in ("warm", "grey", "jpeg-10", "darker"))]
    for copy in copies:
        assert look(Sight(original), Sight(copy)).verified


def painted(turn: int) -> Image.Image:
    """Clouds whose hues are all turned by so many of 256 steps, with their brightness left."""
    random = np.random.default_rng(5)
    layers = [
        np.asarray(
            Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8)).resize(
                (400, 300), Image.Resampling.BICUBIC
            ),
            np.float64,
        )
        for side in (6, 20, 60)
    ]
    light, *hue = np.moveaxis(
        np.asarray(Image.fromarray((sum(layers) / 3).astype(np.uint8)).convert("YCbCr")), 2, 0
    )
    angle = 2 * np.pi * turn / 256
    blue, red = (2.5 * (side.astype(float) - 128) for side in hue)
    turned = blue * np.cos(angle) - red * np.sin(angle), blue * np.sin(angle) + red * np.cos(angle)
    levels = np.stack([128 + 2 * (light - 128.0), *(128 + side for side in turned)], axis=-1)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8), "YCbCr").convert("RGB")


def test_colours_count_around_what_was_laid_over_a_picture() -> None:
    original = painted(0)
    for turn, is_copy in ((0, True), (128, False)):
        lettered = COPY_KINDS["text"](painted(turn), original)
        assert look(Sight(original), Sight(lettered)).verified is is_copy


def on_a_table(colour: tuple[int, int, int]) -> Image.Image:
    """A mug of that colour before a bluish wall, on a brown table."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:400, 0:400]
    grain = random.normal(0, 12, (400, 1, 1)) + random.normal(0, 4, (1, 400, 1))
    levels = np.where((y > 280)[..., None], np.array((150, 105, 65)), np.array((175, 185, 195))) + grain
    side = (np.abs(x - 180) < 62) & (y > 150) & (y < 330)
    light = 0.5 + 0.5 * np.sqrt(np.clip(1 - ((x - 150) / 120) ** 2, 0, 1))
    levels[side] = (light[..., None] * np.array(colour))[side]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


GREEN, BROWN, BLUE, SAND = (60, 150, 75), (150, 96, 64), (60, 100, 215), (215, 185, 110)


@pytest.mark.parametrize(("one", "other"), [(GREEN, BROWN), (GREEN, BLUE), (BROWN, BLUE), (SAND, BLUE)])
def test_a_thing_in_another_colour_on_the_same_table_is_no_copy(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    assert not look(Sight(on_a_table(one)), Sight(on_a_table(other))).verified


@pytest.mark.parametrize("colour", [GREEN, BROWN, BLUE, SAND])
def test_a_photo_with_a_table_may_be_recoloured_as_a_whole(colour: tuple[int, int, int]) -> None:
    original = on_a_table(colour)
    sepia = ImageOps.colorize(original.convert("L"), "#221100", "#ffeecc").convert("RGB")
    copies = [sepia, ImageEnhance.Color(original).enhance(1.6), ImageEnhance.Color(original).enhance(0.4)]
    copies += [ALTERATIONS[name].apply(original) for name in ("warm", "grey", "darker")]
    for copy in copies:
        assert look(Sight(original), Sight(copy)).verified
