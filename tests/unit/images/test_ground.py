"""What transparent pictures are laid on."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hostile
from lookalike.images import decode
from lookalike.images.rgb import to_rgb

Colour = tuple[int, int, int]


def _logo(*inks: Colour) -> Image.Image:
    """Bars, each of one ink, on nothing."""
    image = Image.new("RGBA", (120, 90))
    for number, ink in enumerate(inks):
        ImageDraw.Draw(image).rectangle((10, 10 + 30 * number, 100, 25 + 30 * number), fill=(*ink, 255))
    return image


def _corner(image: Image.Image) -> object:
    return to_rgb(image).getpixel((0, 0))


@pytest.mark.parametrize(
    ("inks", "ground"),
    [
        ([(255, 255, 255)], 0),
        ([(245, 245, 245)], 0),
        ([(0, 0, 0)], 255),
        ([(128, 128, 128)], 255),
        ([(255, 255, 0)], 255),
        ([(255, 255, 255), (200, 30, 30)], 0),
        ([(255, 255, 255), (0, 0, 0)], 128),
    ],
)
def test_every_ink_can_be_seen(inks: list[Colour], ground: int) -> None:
    assert _corner(_logo(*inks)) == (ground,) * 3


def test_a_photograph_with_round_corners_stays_on_white() -> None:
    image = hostile.photo(120, 120)
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse((0, 0, 119, 119), fill=255)
    image.putalpha(mask)
    assert _corner(image) == (255, 255, 255)


def test_nothing_at_all_is_white() -> None:
    assert _corner(Image.new("RGBA", (20, 20), (255, 255, 255, 0))) == (255, 255, 255)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "TIFF"])
def test_white_ink_is_seen_in_every_format(form: str) -> None:
    image = decode(hostile.encoded(_logo((255, 255, 255)), form)).image
    assert np.ptp(np.asarray(image, int)) > 200
    grey = _logo((255, 255, 255)).convert("LA")
    assert np.ptp(np.asarray(to_rgb(grey), int)) == 255
