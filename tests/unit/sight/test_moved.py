"""Two moments before one camera: a part of the photo has moved, by less than a hundredth of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import COPY_KINDS
from seen import closely, looked

WIDE, TALL = 640, 480


def clouds(random: np.random.Generator) -> np.ndarray:
    """Clouds of several sizes, (TALL, WIDE, 1) float64 levels."""
    layers = [
        cv2.resize(random.normal(0, 1, (side, side)).astype(np.float32), (WIDE, TALL), None, 0, 0, 2)
        for side in (9, 24, 60, 130)
    ]
    field = np.asarray(sum(layers), np.float64)
    return (128 + 60 * (field - field.mean()) / field.std())[..., None]


@cache
def moment(seed: int, step: tuple[float, float] = (0, 0)) -> Image.Image:
    """A hall, and somebody before its wall who has moved by a step, in pixels; each with its own noise."""
    random = np.random.default_rng(seed)
    hall, person = clouds(random), clouds(random)
    down, across = np.mgrid[:TALL, :WIDE].astype(np.float64)
    shape = np.clip(12 * (1 - np.hypot((across - 330) / 90, (down - 300) / 160)), 0, 1)
    shift = np.array([[1, 0, step[0]], [0, 1, step[1]]], np.float64)
    shape, person = (cv2.warpAffine(side, shift, (WIDE, TALL)) for side in (shape, person))
    noise = np.random.default_rng([seed, *(round(100 * abs(part)) for part in step)])
    taken = hall + shape[..., None] * (person[..., None] - hall) + noise.normal(0, 2, (TALL, WIDE, 3))
    return Image.fromarray(np.clip(taken, 0, 255).astype(np.uint8))


@cache
def sky(seed: int, drift: float = 0) -> Image.Image:
    """A town under faint clouds that have drifted by so many pixels; each with its own noise."""
    random = np.random.default_rng(seed)
    town, above = clouds(random), cv2.GaussianBlur(random.normal(0, 1, (TALL, 2 * WIDE)), (0, 0), 12)
    faint = 180 + 5 * above / above.std()
    drifted = cv2.warpAffine(faint, np.array([[1, 0, drift - WIDE / 2], [0, 1, 0]]), (WIDE, TALL))
    taken = np.where(np.arange(TALL)[:, None, None] < 0.4 * TALL, drifted[..., None], 0.6 * town)
    noise = np.random.default_rng([seed, round(100 * drift)]).normal(0, 2, (TALL, WIDE, 3))
    return Image.fromarray(np.clip(taken + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("step", [(1.5, 0.5), (-3, 1), (0, 2)])
def test_somebody_who_has_moved_makes_another_photo(seed: int, step: tuple[float, float]) -> None:
    first, second = moment(seed), moment(seed, step)
    assert looked(first, second).verified  # at 256 pixels it is hardly seen
    for pair in ((first, second), (second, first)):
        found = closely(*pair)
        assert found.differs_in_detail
        rows, columns = np.nonzero(found.differs)
        assert abs(columns.mean() / found.differs.shape[1] - 330 / WIDE) < 0.1
        assert abs(rows.mean() / found.differs.shape[0] - 300 / TALL) < 0.15


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("drift", [6.0, 12.0])
def test_clouds_that_have_drifted_make_another_photo(seed: int, drift: float) -> None:
    first, second = sky(seed), sky(seed, drift)
    assert looked(first, second).verified
    found = closely(first, second)
    assert found.differs_in_detail
    assert np.nonzero(found.differs)[0].mean() < 0.4 * found.differs.shape[0]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("picture", [moment, sky], ids=lambda picture: picture.__name__)
@pytest.mark.parametrize(
    "kind", ["jpeg-10", "noise", "blur", "warm", "perspective", "rotate-90", "flip", "posterise", "caption"]
)
def test_a_copy_has_no_part_that_moved(seed: int, picture: Callable[[int], Image.Image], kind: str) -> None:
    found = closely(picture(seed), COPY_KINDS[kind](picture(seed), picture(seed + 9)))
    assert found.verified
