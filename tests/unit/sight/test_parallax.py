"""Two photos of one scene, taken from two places: what is near has moved by more than what is far."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import COPY_KINDS
from lookalike.sight import Sight, look
from lookalike.sight.evidence import ANOTHER_PHOTO

WIDE, TALL = 440, 340


def clouds(random: np.random.Generator, *sides: int) -> np.ndarray:
    """Grey clouds of several sizes, (TALL, WIDE) float32, of mean 0 and deviation 1."""
    layers = [
        cv2.resize(random.normal(0, 1, (side, side)).astype(np.float32), (WIDE, TALL), None, 0, 0, 2)
        for side in sides
    ]
    field = np.asarray(sum(layers), np.float32)
    return (field - field.mean()) / field.std()


def photo(seed: int, step: float) -> Image.Image:
    """A shelf: the depth of each pixel says how far it moves to the left if the camera takes a step.

    Args:
        seed: of the shelf.
        step: pixels that what is nearest moves by.
    """
    random = np.random.default_rng(seed)
    levels, depth = clouds(random, 12, 30, 70, 140), clouds(random, 9)
    down, across = np.mgrid[:TALL, :WIDE].astype(np.float32)
    moved = cv2.remap(levels, across + step * np.clip(depth, -1, 1), down, 1, None, 2)
    taken = Image.fromarray(np.clip(128 + 45 * moved, 0, 255).astype(np.uint8)).convert("RGB")
    left = 12 if step else 20
    return taken.crop((left, 16, left + 400, 316))


@pytest.mark.parametrize("seed", range(4))
def test_two_photos_from_two_places_are_no_copies(seed: int) -> None:
    first, second = Sight(photo(seed, 0)), Sight(photo(seed, 1.5))
    for pair in ((first, second), (second, first)):
        found = look(*pair)
        assert not found.verified
        assert found.inliers >= 50  # they lie on each other all the same
        assert found.words[-1] == ANOTHER_PHOTO


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["crop-80", "crop-30", "rotate", "perspective", "pad", "collage"])
@pytest.mark.parametrize("then", ["", "jpeg-10", "noise"])
def test_a_copy_moves_as_a_whole(seed: int, kind: str, then: str) -> None:
    original, other = photo(seed, 0), photo(seed + 10, 0)
    copy = COPY_KINDS[kind](original, other)
    found = look(Sight(original), Sight(COPY_KINDS[then](copy, other) if then else copy))
    assert found.verified
    assert ANOTHER_PHOTO not in found.words
