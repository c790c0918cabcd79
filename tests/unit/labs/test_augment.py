from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from lookalike.labs.learn import augment
from pictures import draw

SIZES = [(32, 32), (96, 40), (192, 128)]


@pytest.mark.parametrize("size", SIZES)
def test_edits_leave_a_picture_and_the_original_alone(size: tuple[int, int]) -> None:
    image, background = draw(1, *size), draw(2, 64, 96)
    before = image.tobytes()
    chance = random.Random(0)
    for _ in range(60):
        for copy in (augment.mild(image, chance), augment.hard(image, chance, background)):
            assert copy.mode == "RGB"
            assert min(copy.size) >= 7
    assert image.tobytes() == before


def test_the_same_chance_makes_the_same_copy() -> None:
    image, background = draw(1, 96, 64), draw(2, 64, 96)
    for seed in range(20):
        first, second = (augment.hard(image, random.Random(seed), background) for _ in range(2))
        assert first.tobytes() == second.tobytes()


def test_hard_is_further_from_the_original_than_mild() -> None:
    image, background = draw(3, 128, 96), draw(4, 128, 96)

    def change(copy: Image.Image) -> float:
        pixels = (np.asarray(one.resize((32, 32)), np.float64) for one in (image, copy))
        return float(np.abs(np.subtract(*pixels)).mean())

    seeds = range(80)
    mild = np.mean([change(augment.mild(image, random.Random(seed))) for seed in seeds])
    hard = np.mean([change(augment.hard(image, random.Random(seed), background)) for seed in seeds])
    assert 3 < mild < 0.9 * hard


def test_crops_keep_the_share_of_the_area_that_was_asked_for() -> None:
    image = draw(5, 192, 128)
    areas = []
    for seed in range(300):
        copy = augment.crop(image, random.Random(seed), 0.3, 0.6)
        areas.append(copy.width * copy.height / (192 * 128))
    assert 0.28 < min(areas) < 0.33
    assert 0.57 < max(areas) < 0.62
