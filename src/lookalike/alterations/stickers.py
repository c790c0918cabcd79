"""Stickers laid over pictures: faces, stars and hearts, as messengers offer them.

They are drawn, so that no typeface with emoji has to be found or shipped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image, ImageDraw

_SIDE = 512
_FINER = 3  # times the pixels per side that a sticker ends with: enough to turn it by, without all 512
_Pen = ImageDraw.ImageDraw
_WHITE = (255, 255, 255)
_DARK = (74, 44, 20)


@dataclass(frozen=True, slots=True)
class Sticker:
    """One sticker and where it goes.

    Attributes:
        shape: a name in ``SHAPES``.
        centre: where its middle goes, as shares of the picture's width and height.
        size: its width and height as a share of the picture's shorter side.
        degrees: how far it is turned, anticlockwise.
    """

    shape: str
    centre: tuple[float, float]
    size: float
    degrees: float = 0.0


USUAL = (
    Sticker("face", (0.3, 0.32), 0.36, 12),
    Sticker("heart", (0.74, 0.26), 0.26, -15),
    Sticker("star", (0.7, 0.74), 0.34, 8),
)
"""Three stickers that leave four fifths of a square picture to be seen."""


def stick(image: Image.Image, stickers: Sequence[Sticker] = USUAL) -> Image.Image:
    """Lay stickers over a picture, the last one on top.

    Args:
        image: RGB.
        stickers: what to lay where; parts beyond the picture's edges are cut off.

    Returns:
        a new RGB image of the same size.
    """
    covered = image.copy()
    for sticker in stickers:
        side = max(3, round(sticker.size * min(image.size)))
        drawn = Image.new("RGBA", (_SIDE, _SIDE), (0, 0, 0, 0))
        SHAPES[sticker.shape](ImageDraw.Draw(drawn))
        drawn = drawn.reduce(2 ** int(math.log2(max(1, _SIDE / (_FINER * side)))))
        turned = drawn.rotate(sticker.degrees, Image.Resampling.BICUBIC)
        small = turned.resize((side, side), Image.Resampling.LANCZOS)
        left = round(sticker.centre[0] * image.width - side / 2)
        top = round(sticker.centre[1] * image.height - side / 2)
        covered.paste(small, (left, top), small)
    return covered


def _face(pen: _Pen) -> None:
    """A yellow face that laughs with open mouth."""
    pen.circle((256, 256), 250, fill=(255, 204, 51), outline=(236, 164, 30), width=14)
    for x in (172, 340):
        pen.ellipse((x - 30, 140, x + 30, 236), fill=_DARK)
        pen.circle((x - 8, 168), 12, fill=_WHITE)
    pen.chord((112, 170, 400, 430), 8, 172, fill=_DARK)
    pen.chord((190, 330, 322, 430), 8, 172, fill=(226, 82, 82))


def _star(pen: _Pen) -> None:
    """A five-pointed star with a white rim."""
    for size, colour in ((250, _WHITE), (216, (255, 112, 67))):
        points = []
        for corner in range(10):
            angle, reach = math.pi * (corner / 5 - 0.5), size * (1 if corner % 2 == 0 else 0.48)
            points.append((256 + reach * math.cos(angle), 266 + reach * math.sin(angle)))
        pen.polygon(points, fill=colour)


def _heart(pen: _Pen) -> None:
    """A red heart: x = 16 sin³ t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t."""
    for size, colour in ((15.2, _WHITE), (13.4, (229, 38, 76))):
        points = []
        for step in range(90):
            t = 2 * math.pi * step / 90
            up = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
            points.append((256 + size * 16 * math.sin(t) ** 3, 228 - size * up))
        pen.polygon(points, fill=colour)
    pen.ellipse((126, 110, 196, 170), fill=(255, 130, 150))


SHAPES: MappingProxyType[str, Callable[[_Pen], None]] = MappingProxyType(
    {"face": _face, "star": _star, "heart": _heart}
)
"""What draws each shape, on a transparent square of 512 pixels a side."""
