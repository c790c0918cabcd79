"""Text on pictures: a caption below, slogans across."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)
_CAPTION = "look what I found today"
_SLOGAN = "DO NOT COPY · "


@lru_cache(maxsize=64)
def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The typeface that Pillow carries, ``size`` pixels high."""
    return ImageFont.load_default(max(1.0, size))


def caption(image: Image.Image, share: float, text: str = _CAPTION) -> Image.Image:
    """Cover the lowest ``share`` of the height with a white band that carries a line of text."""
    band = Image.new("RGB", (image.width, max(1, round(image.height * share))), _WHITE)
    size = min(0.6 * band.height, 0.9 * band.width / (font(100).getlength(text) / 100))
    middle = (band.width / 2, band.height / 2)
    ImageDraw.Draw(band).text(middle, text, fill=_BLACK, font=font(size), anchor="mm")
    captioned = image.copy()
    captioned.paste(band, (0, image.height - band.height))
    return captioned


def write_over(image: Image.Image, share: float, text: str = _SLOGAN) -> Image.Image:
    """Write lines of text, white with a black outline, across the middle ``share`` of the height."""
    written = image.copy()
    pen = ImageDraw.Draw(written)
    tall = image.height * share
    lines = max(1, round(tall / max(8.0, min(tall / 2, image.width / 6))))
    size = tall / lines
    face = font(size * 0.8)
    line = text * (1 + math.ceil(image.width / max(1.0, face.getlength(text))))
    for row in range(lines):
        y = (image.height - tall) / 2 + size * (row + 0.5)
        outline = max(1, round(size / 20))
        pen.text((0, y), line, fill=_WHITE, font=face, anchor="lm", stroke_width=outline, stroke_fill=_BLACK)
    return written
