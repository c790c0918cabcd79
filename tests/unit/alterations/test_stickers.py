from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import SHAPES, Sticker, stick
from waves import pixels, wavy

AREAS = {
    "face": math.pi * (250 / 512) ** 2,
    "star": 5 * 250 * 120 * math.sin(math.pi / 5) / 512**2,
    "heart": 180 * math.pi * (15.2 / 512) ** 2,
}
"""Shares of the sticker's square: a disc; ten triangles between the star's corners; the integral of y dx."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sticker_covers_the_area_of_its_shape_and_leaves_the_rest(shape: str) -> None:
    image = Image.new("RGB", (400, 300), (0, 90, 0))
    stuck = pixels(stick(image, [Sticker(shape, (0.5, 0.5), 0.8)]))
    half = 130 if shape == "face" else 337  # of the way from the ground to the rim's colour, about
    covered = np.abs(stuck - pixels(image)).sum(axis=2) > half
    assert covered.sum() / 240**2 == pytest.approx(AREAS[shape], rel=0.02)
    rows, columns = np.nonzero(covered)
    assert 30 <= rows.min() < rows.max() < 270
    assert 80 <= columns.min() < columns.max() < 320
    assert covered[150, 200]


def test_a_sticker_goes_where_it_is_told_and_is_cut_off_at_the_edge() -> None:
    image = wavy(200, 100)
    stuck = pixels(stick(image, [Sticker("face", (1.0, 0.0), 0.6)]))
    changed = (stuck != pixels(image)).any(axis=2)
    assert changed[:28, 172:].mean() > 0.8
    assert not changed[32:].any()
    assert not changed[:, :168].any()


def test_turning_a_sticker_upside_down_is_a_half_turn() -> None:
    image = Image.new("RGB", (100, 100), (0, 90, 0))
    upright, turned = (pixels(stick(image, [Sticker("heart", (0.5, 0.5), 1.0, d)])) for d in (0, 180))
    np.testing.assert_allclose(turned, upright[::-1, ::-1], atol=12)


def test_the_last_sticker_lies_on_top() -> None:
    image = Image.new("RGB", (100, 100), (0, 90, 0))
    stickers = [Sticker(shape, (0.5, 0.5), 0.8) for shape in ("face", "star")]
    assert pixels(stick(image, stickers))[52, 50].tolist() == [255, 112, 67]
    assert pixels(stick(image, stickers[::-1]))[15, 50].tolist() == [255, 204, 51]


def test_the_usual_stickers_leave_most_of_a_picture() -> None:
    image = wavy(300, 300)
    covered = (pixels(stick(image)) != pixels(image)).any(axis=2).mean()
    assert 0.12 < covered < 0.25


@pytest.mark.parametrize("side", [32, 48, 96])
def test_a_small_picture_gets_the_sticker_of_a_large_one(side: int) -> None:
    sticker = Sticker("heart", (0.5, 0.5), 0.5, 20)
    large, small = (
        stick(Image.new("RGB", (length, length), (0, 90, 0)), [sticker]) for length in (960, side)
    )
    apart = np.abs(pixels(small) - pixels(large.resize((side, side), Image.Resampling.LANCZOS)))
    assert apart.mean() < 1
