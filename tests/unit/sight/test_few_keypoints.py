"""Pictures with few keypoints, or with keypoints that are all alike: balls, and charts of stars."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from lookalike.sight import Sight, look


def ball(tilt: float, wide: float, colour: tuple[int, int, int], stripe: tuple[int, int, int]) -> Image.Image:
    """A ball on grey, lit from the upper left, with a stripe that is about as bright as the rest."""
    y, x = np.mgrid[-1:1:400j, -1:1:400j] / 0.8
    height = np.sqrt(np.maximum(0, 1 - x * x - y * y))
    light = np.clip(0.35 + 0.65 * (0.6 * height - 0.5 * x - 0.6 * y), 0, 1)
    striped = np.abs(x * np.cos(tilt) + y * np.sin(tilt) + 0.2 * height) < wide
    levels = np.where(striped[..., None], stripe, colour) * light[..., None]
    levels = np.where((x * x + y * y < 1)[..., None], levels, 235)
    levels = levels + np.random.default_rng(round(100 * tilt)).normal(0, 1.5, levels.shape)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


BALLS = [
    ball(0.9, 0.2, (200, 210, 70), (165, 240, 180)),
    ball(1.7, 0.1, (195, 215, 105), (170, 190, 235)),
    ball(0.3, 0.3, (170, 225, 40), (180, 180, 235)),
]


def stars(seed: int) -> Image.Image:
    """Stars of five sizes on deep blue."""
    random = np.random.default_rng(seed)
    chart = Image.new("RGB", (560, 420), (10, 16, 46))
    draw = ImageDraw.Draw(chart)
    for across, down, size in zip(
        random.uniform(0, 560, 70), random.uniform(0, 420, 70), random.integers(1, 5, 70), strict=True
    ):
        draw.ellipse((across - size, down - size, across + size, down + size), (255, 250, 220))
    return chart.filter(ImageFilter.GaussianBlur(0.7))


def cropped(image: Image.Image) -> Image.Image:
    """With 5 % less on both sides, and above and below."""
    wide, tall = image.size
    return image.crop((round(0.035 * wide), round(0.02 * tall), round(0.985 * wide), round(0.97 * tall)))


@pytest.mark.parametrize("original", BALLS)
def test_a_cropped_ball_is_a_copy(original: Image.Image) -> None:
    assert look(Sight(original), Sight(cropped(original))).verified


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_a_ball_with_another_stripe_is_none(one: int, other: int) -> None:
    assert not look(Sight(BALLS[one]), Sight(BALLS[other])).verified


@pytest.mark.parametrize("seed", [0, 1, 6])
def test_a_cropped_chart_of_stars_is_a_copy_and_another_one_none(seed: int) -> None:
    assert look(Sight(stars(seed)), Sight(cropped(stars(seed)))).verified
    assert not look(Sight(stars(seed)), Sight(stars(seed + 9))).verified


def wheel(across: int) -> Image.Image:
    """A wheel with one spoke before a plain wall, so far from the left edge."""
    image = Image.new("RGB", (640, 400), (206, 204, 198))
    draw = ImageDraw.Draw(image)
    draw.ellipse((across, 110, across + 200, 310), (40, 42, 44))
    draw.line((across + 100, 210, across + 170, 250), (150, 60, 50), 14)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def test_a_thing_that_moved_before_a_plain_wall_is_no_copy() -> None:
    for across in (160, 220, 300):
        assert not look(Sight(wheel(40)), Sight(wheel(across))).verified
    assert look(Sight(wheel(40)), Sight(cropped(wheel(40)))).verified


def test_two_crops_of_one_photo_are_copies() -> None:
    random = np.random.default_rng(4)
    levels = sum(
        np.asarray(
            Image.fromarray(random.integers(0, 256, (side, side), dtype=np.uint8)).resize((400, 400))
        ).astype(np.float64)
        for side in (10, 40, 90)
    )
    photo = Image.fromarray((levels / 3).astype(np.uint8)).convert("RGB")
    assert look(Sight(photo.crop((0, 0, 300, 300))), Sight(photo.crop((100, 100, 400, 400)))).verified


def cloth(seed: int, colour: tuple[int, int, int]) -> Image.Image:
    """Cloth with pale dots in rows, which shows little else than itself, moved by a dot."""
    y, x = np.mgrid[0:480, 0:480]
    dots = (x % 40 - 20) ** 2 + ((y + 20 * (x // 40 % 2)) % 40 - 20) ** 2 < 110
    levels = np.where(dots[..., None], np.array((245, 245, 240)), np.array(colour)).astype(np.float64)
    levels += np.random.default_rng(seed).normal(0, 4, (480, 480, 1))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(("seed", "colour"), [(1, (114, 93, 28)), (2, (127, 204, 51)), (4, (51, 204, 204))])
def test_a_pattern_without_its_left_and_right_edge_is_a_copy(seed: int, colour: tuple[int, int, int]) -> None:
    original = cloth(seed, colour)
    assert look(Sight(original), Sight(original.crop((12, 0, 468, 480)))).verified
