"""Colours: one thing that is sold in several is no copy of itself, and recoloured photos still are."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from PIL import Image, ImageOps

from lookalike.alterations import ALTERATIONS
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
