from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from lookalike.labs.learn.editing import frames, hard, marks, mild, quality
from pictures import draw

SIZES = [(32, 32), (96, 40), (192, 128)]


@pytest.mark.parametrize("size", SIZES)
def test_edits_leave_a_picture_and_the_original_alone(size: tuple[int, int]) -> None:
    image, background = draw(1, *size), draw(2, 64, 96)
    before = image.tobytes()
    chance = random.Random(0)
    for _ in range(60):
        for copy in (mild(image, chance), hard(image, chance, lambda: background)):
            assert copy.mode == "RGB"
            assert min(copy.size) >= 7
    assert image.tobytes() == before


def test_the_same_chance_makes_the_same_copy() -> None:
    image, background = draw(1, 96, 64), draw(2, 64, 96)
    for seed in range(20):
        first, second = (hard(image, random.Random(seed), lambda: background) for _ in range(2))
        assert first.tobytes() == second.tobytes()


def test_hard_is_further_from_the_original_than_mild() -> None:
    image, background = draw(3, 128, 96), draw(4, 128, 96)

    def change(copy: Image.Image) -> float:
        pixels = (np.asarray(one.resize((32, 32)), np.float64) for one in (image, copy))
        return float(np.abs(np.subtract(*pixels)).mean())

    seeds = range(80)
    little = np.mean([change(mild(image, random.Random(seed))) for seed in seeds])
    much = np.mean([change(hard(image, random.Random(seed), lambda: background)) for seed in seeds])
    assert 3 < little < 0.9 * much


def test_crops_keep_the_share_of_the_area_that_was_asked_for() -> None:
    image = draw(5, 192, 128)
    areas = []
    for seed in range(300):
        copy = frames.crop(image, random.Random(seed), 0.3, 0.6)
        areas.append(copy.width * copy.height / (192 * 128))
    assert 0.28 < min(areas) < 0.33
    assert 0.57 < max(areas) < 0.62


def test_a_quarter_turn_only_moves_pixels() -> None:
    image = draw(6, 40, 24)
    for seed in range(6):
        turned = frames.quarter(image, random.Random(seed))
        assert sorted(turned.getcolors() or []) == sorted(image.getcolors() or [])
        assert turned.tobytes() != image.tobytes()


def test_a_collage_holds_the_picture_and_others() -> None:
    red, blue = Image.new("RGB", (64, 64), (255, 0, 0)), Image.new("RGB", (64, 64), (0, 0, 255))
    for seed in range(8):
        sheet = frames.collage(red, random.Random(seed), lambda: blue)
        counts = {colour: count for count, colour in sheet.getcolors() or []}
        assert counts[(255, 0, 0)] == 32 * 32
        assert counts[(0, 0, 255)] in {32 * 32, 3 * 32 * 32, 5 * 32 * 32}


def test_a_tilted_picture_still_fills_most_of_its_frame() -> None:
    grey = Image.new("RGB", (100, 80), (128, 128, 128))
    for seed in range(20):
        tilted = np.asarray(frames.perspective(grey, random.Random(seed)))
        assert 0.4 < float((tilted == 128).all(axis=2).mean()) <= 1


def test_stickers_cover_a_part() -> None:
    grey = Image.new("RGB", (120, 120), (128, 128, 128))
    shares = []
    for seed in range(30):
        covered = np.asarray(marks.stickers(grey, random.Random(seed)))
        shares.append(float((covered != 128).any(axis=2).mean()))
    assert min(shares) > 0
    assert max(shares) < 0.6


def test_posterised_pictures_have_few_values() -> None:
    for seed in range(6):
        values = np.unique(np.asarray(quality.posterise(draw(8, 64, 64), random.Random(seed))))
        assert len(values) <= 16
