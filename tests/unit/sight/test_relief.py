"""Globes that share their rim and their shading, and differ in between."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from lookalike.alterations import ALTERATIONS, COPY_KINDS
from lookalike.sight import Sight, look

Levels = NDArray[np.float64]


def stains(random: np.random.Generator) -> Levels:
    """Spots of four sizes, (480, 480), about 1 deep."""
    levels = np.zeros((480, 480))
    for power in range(2, 6):
        spots = Image.fromarray(random.normal(0, 1, (2**power, 2**power)).astype(np.float32))
        levels += np.asarray(spots.resize((480, 480), Image.Resampling.BICUBIC)) / 2 ** (0.7 * power - 1)
    return levels


def globe(seed: int, depth: float = 25) -> Image.Image:
    """A globe of faint stains on black, lit from the front."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:480j, -1:1:480j] / 0.85
    light = np.sqrt(np.maximum(0, 1 - x * x - y * y))
    levels = light * (150 + depth * stains(random)) + random.normal(4, 1.5, (480, 480))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (2, 3), (0, 3)])
def test_globes_with_other_stains_are_no_copies(one: int, other: int) -> None:
    assert not look(Sight(globe(one)), Sight(globe(other))).verified


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_copy_of_a_globe_has_its_stains(seed: int) -> None:
    original = globe(seed)
    for kind in ("noise", "jpeg-10", "blur", "grey", "warm", "flip", "rotate-90", "thumbnail-64"):
        assert look(Sight(original), Sight(COPY_KINDS[kind](original, original))).verified, kind


@pytest.mark.parametrize("seed", [0, 1])
def test_globes_without_stains_are_told_by_their_rims(seed: int) -> None:
    assert look(Sight(globe(seed, depth=0)), Sight(globe(seed + 5, depth=0))).verified


@pytest.mark.parametrize("seed", [1, 2])
def test_relief_may_be_cut_off_where_a_copy_is_brighter(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = 208 + 6 * stains(random) + random.normal(0, 3, (480, 480))
    levels[300:, 60:200] = 90
    levels[350:, 260:420] = 40
    wall = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")
    brighter = ImageEnhance.Brightness(wall).enhance(1.2)
    assert look(Sight(wall), Sight(ALTERATIONS["jpeg-10"].apply(brighter))).verified
