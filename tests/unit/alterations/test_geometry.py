from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import crop, flip, pad, perspective, resize, rotate, thumbnail
from waves import pixels, wavy


@pytest.mark.parametrize(
    ("offset", "corner"), [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (60, 45)), ((0.5, 0.0), (30, 0))], ids=str
)
def test_a_crop_is_a_region_of_the_source(offset: tuple[float, float], corner: tuple[int, int]) -> None:
    image = wavy(120, 90)
    left, top = corner
    expected = pixels(image)[top : top + 45, left : left + 60]
    np.testing.assert_array_equal(pixels(crop(image, 0.25, offset)), expected)


def test_resizing_scales_both_sides_and_keeps_a_flat_colour() -> None:
    small = resize(Image.new("RGB", (250, 100), (10, 200, 90)), 0.4)
    assert small.size == (100, 40)
    assert small.getextrema() == ((10, 10), (200, 200), (90, 90))


def test_padding_surrounds_the_picture_with_its_colour() -> None:
    image = wavy(100, 50)
    padded = pad(image, 0.4, (1, 2, 3))
    assert padded.size == (140, 70)
    levels = pixels(padded)
    np.testing.assert_array_equal(levels[10:60, 20:120], pixels(image))
    levels[10:60, 20:120] = (1, 2, 3)
    assert (levels == (1, 2, 3)).all()


def test_rotation_holds_the_whole_picture_on_white() -> None:
    turned = rotate(Image.new("RGB", (200, 100), (20, 40, 60)), 10)
    cosine, sine = math.cos(math.radians(10)), math.sin(math.radians(10))
    assert turned.width == pytest.approx(200 * cosine + 100 * sine, abs=2)
    assert turned.height == pytest.approx(200 * sine + 100 * cosine, abs=2)
    assert turned.getpixel((0, 0)) == (255, 255, 255)
    assert turned.getpixel((turned.width // 2, turned.height // 2)) == (20, 40, 60)
    dark = (pixels(turned) < 200).all(axis=2).sum()
    assert dark == pytest.approx(200 * 100, rel=0.02)
    assert turned.getpixel((turned.width - 25, 12)) == (20, 40, 60)  # anticlockwise: the right end is up
    assert turned.getpixel((25, 12)) == (255, 255, 255)


def test_flipping_mirrors_and_twice_is_the_identity() -> None:
    image = wavy()
    np.testing.assert_array_equal(pixels(flip(image)), pixels(image)[:, ::-1])
    np.testing.assert_array_equal(pixels(flip(flip(image))), pixels(image))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_move_every_pixel_exactly(turns: int) -> None:
    image = wavy(61, 40)
    np.testing.assert_array_equal(pixels(rotate(image, 90 * turns)), np.rot90(pixels(image), turns))


def test_a_thumbnail_has_its_longer_side_and_is_never_larger_than_the_picture() -> None:
    assert thumbnail(wavy(640, 480), 64).size == (64, 48)
    assert thumbnail(wavy(300, 600), 64).size == (32, 64)
    small = wavy(50, 40)
    assert thumbnail(small, 64) is not small
    np.testing.assert_array_equal(pixels(thumbnail(small, 64)), pixels(small))


def test_a_perspective_that_narrows_evenly_is_a_squeeze() -> None:
    image = wavy(120, 90)
    squeezed = pixels(perspective(image, ((0, 0), (0.5, 0), (0.5, 1), (0, 1))))
    np.testing.assert_allclose(squeezed[:, 1:59], pixels(image.reduce((2, 1)))[:, 1:59], atol=3)
    assert (squeezed[:, 61:] == 255).all()


def test_a_perspective_takes_the_centre_to_where_the_diagonals_cross() -> None:
    """Straight lines stay straight, so the crossing of the diagonals is where they cross afterwards."""
    image = Image.new("RGB", (200, 100), (10, 20, 30))
    image.paste((255, 0, 0), (97, 47, 104, 54))
    corners = ((0.0, 0.0), (0.9, 0.3), (0.9, 0.7), (0.0, 1.0))
    tilted = pixels(perspective(image, corners))
    rows, columns = np.nonzero(tilted[..., 0] - tilted[..., 2] > 150)
    # The diagonals y = 7/9 x and y = 1 - 7/9 x, in shares, cross at x = 9/14, y = 1/2.
    assert columns.mean() == pytest.approx(200 * 9 / 14, abs=1.5)
    assert rows.mean() == pytest.approx(50, abs=1.5)
    assert (tilted[:, 182:] == 255).all()
    assert (tilted[5, 60:] == 255).all()
    np.testing.assert_array_equal(tilted[50, 20], (10, 20, 30))
