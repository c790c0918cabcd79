from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed.preprocess import to_pixels
from pictures import draw


def _bicubic_weights(size: int, side: int) -> NDArray[np.float64]:
    """How much each of ``size`` input pixels counts for each of ``side`` output pixels, (side, size).

    The cubic convolution of Keys (1981) with a = -0.5, stretched over the input where it shrinks.
    """
    scale = max(size / side, 1.0)
    middles = (np.arange(side) + 0.5) * size / side
    away = np.abs(np.arange(size) + 0.5 - middles[:, None]) / scale
    near = 1.5 * away**3 - 2.5 * away**2 + 1
    far = -0.5 * away**3 + 2.5 * away**2 - 4 * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _difference(pixels: NDArray[np.uint8], image: Image.Image, side: int) -> NDArray[np.float64]:
    """How far pixels are from their plain twin: one bicubic squash of the whole picture in float64.

    Each pass is clipped, so the order of the passes shows where the curve overshoots; Pillow's versions
    differ in which they take first, and either will do.
    """
    values = np.asarray(image, np.float64)
    passes = [
        ("oy,yxc->oxc", _bicubic_weights(values.shape[0], side)),
        ("ox,yxc->yoc", _bicubic_weights(values.shape[1], side)),
    ]
    away = []
    for order in (passes, passes[::-1]):
        squashed = values
        for path, weights in order:
            squashed = np.einsum(path, weights, squashed, optimize=True).clip(0, 255)
        away.append(np.abs(pixels - squashed))
    return np.asarray(min(away, key=np.max))


@pytest.mark.parametrize("size", [(96, 72), (128, 128), (40, 200), (250, 130), (1, 1), (3, 500)])
@pytest.mark.parametrize("side", [32, 128])
def test_it_agrees_with_its_plain_twin(size: tuple[int, int], side: int) -> None:
    image = draw(3, *size)
    pixels = to_pixels([image], side)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (1, side, side, 3)
    if max(size) < 4 * side:  # nothing to shrink by whole factors first, so only rounding differs
        assert _difference(pixels[0], image, side).max() <= 2


def test_large_pictures_shrink_by_whole_factors_first_without_looking_different() -> None:
    image = draw(1, 1500, 1100)
    away = _difference(to_pixels([image], 128)[0], image, 128)
    assert away.mean() < 1
    assert np.percentile(away, 99) < 6


def test_nothing_is_cut_off() -> None:
    """Four coloured corners of a very wide picture are still in the corners."""
    image = Image.new("RGB", (400, 40))
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
    for colour, corner in zip(colours, ((0, 0), (300, 0), (0, 20), (300, 20)), strict=True):
        image.paste(colour, (*corner, corner[0] + 100, corner[1] + 20))
    pixels = to_pixels([image], 64)[0]
    corners = (pixels[2, 2], pixels[2, -3], pixels[-3, 2], pixels[-3, -3])
    assert [tuple(corner.tolist()) for corner in corners] == list(colours)


def test_a_batch_is_its_pictures_in_order() -> None:
    images = [draw(seed, 60 + seed, 90 - seed) for seed in range(5)]
    batch = to_pixels(images, 32)
    for place, image in enumerate(images):
        np.testing.assert_array_equal(batch[place], to_pixels([image], 32)[0])
    assert to_pixels([], 32).shape == (0, 32, 32, 3)


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    image = draw(9, 128, 128)
    np.testing.assert_array_equal(to_pixels([image], 128)[0], np.asarray(image))
