"""What happens to pictures as they travel: they are cropped, re-encoded, recoloured, captioned, screenshot.

A search that is to find edited copies has to be shown some. The demo, the benchmarks, the robustness
tests and the training of embedders all use this one table, so that "cropped to 70 %" means the same in each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from lookalike.errors import UsageError

SMALLEST_SIDE = 16
"""Pixels that an image must have in each direction to be altered."""

Colour = tuple[int, int, int]

_WHITE: Colour = (255, 255, 255)
_BLACK: Colour = (0, 0, 0)
_BORDER: Colour = (38, 84, 124)
_SCREEN_SIDE = 1080
_CAPTION = "look what I found today"
_SLOGAN = "DO NOT COPY · "


@dataclass(frozen=True, slots=True)
class Alteration:
    """One named way to edit a picture; the same picture always gives the same copy.

    Attributes:
        name: short, for tables and file names.
        description: for people, without a full stop.
        change: the edit itself, RGB to RGB.
    """

    name: str
    description: str
    change: Callable[[Image.Image], Image.Image]

    def apply(self, image: Image.Image) -> Image.Image:
        """The edited copy.

        Args:
            image: RGB, at least 16 pixels wide and high; left as it is.

        Returns:
            a new RGB image, often of another size.

        Raises:
            UsageError: ``image`` has another mode or is too small.
        """
        if image.mode != "RGB":
            raise UsageError(f"{self.name} takes an RGB image, not {image.mode}; convert it first")
        if min(image.size) < SMALLEST_SIDE:
            size = f"{image.width} x {image.height}"
            raise UsageError(f"{self.name} takes images of {SMALLEST_SIDE} pixels a side or more, not {size}")
        return self.change(image)


def crop(image: Image.Image, area: float, offset: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """Cut out a part with the same proportions.

    Args:
        image: RGB.
        area: share of the area that is kept, above 0 and up to 1.
        offset: where the part lies within its room to move, from (0, 0), top left, to (1, 1), bottom right.

    Returns:
        the part, at its own size.
    """
    width, height = (max(1, round(side * math.sqrt(area))) for side in image.size)
    left = round((image.width - width) * offset[0])
    top = round((image.height - height) * offset[1])
    return image.crop((left, top, left + width, top + height))


def encode_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Through a JPEG file of this quality (1 to 95) and back."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def resize(image: Image.Image, factor: float) -> Image.Image:
    """Both sides times ``factor``."""
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS)


def brighten(image: Image.Image, factor: float) -> Image.Image:
    """Every channel times ``factor``, cut off at white."""
    return ImageEnhance.Brightness(image).enhance(factor)


def grey(image: Image.Image) -> Image.Image:
    """Without colour."""
    return image.convert("L").convert("RGB")


def blur(image: Image.Image, share: float) -> Image.Image:
    """Gaussian blur with a radius that is a share of the shorter side, but a pixel at least."""
    return image.filter(ImageFilter.GaussianBlur(max(1.0, min(image.size) * share)))


def recolour(image: Image.Image, gains: tuple[float, float, float], saturation: float) -> Image.Image:
    """Another white balance (a gain for red, green and blue) and another saturation (1 leaves it)."""
    balanced = np.clip(np.asarray(image, dtype=np.float32) * np.asarray(gains, dtype=np.float32), 0, 255)
    return ImageEnhance.Color(Image.fromarray(np.round(balanced).astype(np.uint8))).enhance(saturation)


def caption(image: Image.Image, share: float, text: str = _CAPTION) -> Image.Image:
    """Cover the lowest ``share`` of the height with a white band that carries a line of text."""
    band = Image.new("RGB", (image.width, max(1, round(image.height * share))), _WHITE)
    size = min(0.6 * band.height, 0.9 * band.width / (_font(100).getlength(text) / 100))
    middle = (band.width / 2, band.height / 2)
    ImageDraw.Draw(band).text(middle, text, fill=_BLACK, font=_font(size), anchor="mm")
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
    font = _font(size * 0.8)
    line = text * (1 + math.ceil(image.width / max(1.0, font.getlength(text))))
    for row in range(lines):
        y = (image.height - tall) / 2 + size * (row + 0.5)
        outline = max(1, round(size / 20))
        pen.text((0, y), line, fill=_WHITE, font=font, anchor="lm", stroke_width=outline, stroke_fill=_BLACK)
    return written


def pad(image: Image.Image, share: float, colour: Colour = _BORDER) -> Image.Image:
    """A border all around that makes both sides longer by ``share``, half of it at each end."""
    wide, tall = (max(1, round(side * share / 2)) for side in image.size)
    return ImageOps.expand(image, (wide, tall, wide, tall), fill=colour)


def rotate(image: Image.Image, degrees: float) -> Image.Image:
    """Turn anticlockwise on a white ground large enough to hold it all."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_WHITE)


def flip(image: Image.Image) -> Image.Image:
    """Left becomes right."""
    return ImageOps.mirror(image)


def screenshot(image: Image.Image, quality: int = 80) -> Image.Image:
    """As posted by someone who pressed the screenshot button: in a browser's window, saved as JPEG."""
    shown = image.copy()
    shown.thumbnail((_SCREEN_SIDE, _SCREEN_SIDE), Image.Resampling.LANCZOS)
    unit = max(2, round(0.06 * math.sqrt(shown.width * shown.height)))
    page = Image.new("RGB", (shown.width + 2 * unit, shown.height + 6 * unit), (250, 250, 251))
    pen = ImageDraw.Draw(page)
    bar = round(1.6 * unit)
    pen.rectangle((0, 0, page.width, bar), fill=(222, 225, 230))
    for index, colour in enumerate(((237, 106, 94), (245, 191, 79), (98, 197, 84))):
        pen.circle((unit * (0.8 + 0.75 * index), bar / 2), unit * 0.24, fill=colour)
    address = (unit * 3.2, bar * 0.22, max(unit * 3.4, page.width - unit), bar * 0.78)
    pen.rounded_rectangle(address, radius=bar * 0.28, fill=_WHITE)
    pen.text(
        (unit * 3.7, bar / 2), "photos.example/42", fill=(95, 99, 104), font=_font(unit * 0.6), anchor="lm"
    )
    page.paste(shown, (unit, round(2.6 * unit)))
    below = shown.height + 3.4 * unit
    for line, share in enumerate((0.62, 0.4)):
        top = below + line * unit
        pen.rectangle((unit, top, unit + shown.width * share, top + 0.4 * unit), fill=(206, 209, 214))
    return encode_jpeg(page, quality)


def paste_on(
    image: Image.Image, background: Image.Image, share: float, offset: tuple[float, float] = (0.5, 0.5)
) -> Image.Image:
    """Lay a picture over part of another one.

    Args:
        image: RGB; scaled, in its own proportions, to fit.
        background: RGB; its size is the size of the result.
        share: of the background's width and height, above 0 and up to 1, that the picture may take.
        offset: where it lies within its room to move, from (0, 0), top left, to (1, 1), bottom right.

    Returns:
        a new RGB image.
    """
    room = (max(1, round(background.width * share)), max(1, round(background.height * share)))
    fitted = ImageOps.contain(image, room, Image.Resampling.LANCZOS)
    left = round((background.width - fitted.width) * offset[0])
    top = round((background.height - fitted.height) * offset[1])
    together = background.copy()
    together.paste(fitted, (left, top))
    return together


def _table(*alterations: Alteration) -> MappingProxyType[str, Alteration]:
    """Alterations by name, in this order."""
    return MappingProxyType({alteration.name: alteration for alteration in alterations})


@lru_cache(maxsize=64)
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface, ``size`` pixels high."""
    return ImageFont.load_default(max(1.0, size))


ALTERATIONS = _table(
    Alteration("jpeg-40", "Saved as JPEG at quality 40", partial(encode_jpeg, quality=40)),
    Alteration("jpeg-30", "Saved as JPEG at quality 30", partial(encode_jpeg, quality=30)),
    Alteration("jpeg-10", "Saved as JPEG at quality 10", partial(encode_jpeg, quality=10)),
    Alteration("resize-40", "Reduced to 40 % of its width and height", partial(resize, factor=0.4)),
    Alteration("brighter", "Made brighter by 30 %", partial(brighten, factor=1.3)),
    Alteration("grey", "Without its colours", grey),
    Alteration("blur", "Blurred", partial(blur, share=0.01)),
    Alteration(
        "warm", "Made warmer and more colourful", partial(recolour, gains=(1.12, 1.0, 0.84), saturation=1.25)
    ),
    Alteration("crop-80", "Cropped to 80 % of its area", partial(crop, area=0.8)),
    Alteration(
        "crop-70", "Cropped to 70 % of its area, off centre", partial(crop, area=0.7, offset=(0.9, 0.2))
    ),
    Alteration("crop-30", "Cropped to 30 % of its area", partial(crop, area=0.3)),
    Alteration("caption", "With a caption over the lowest tenth", partial(caption, share=0.1)),
    Alteration("text", "With text over a third of it", partial(write_over, share=1 / 3)),
    Alteration("pad", "With a border that adds 40 % to each side", partial(pad, share=0.4)),
    Alteration("rotate", "Turned by 10 degrees", partial(rotate, degrees=10)),
    Alteration("flip", "Mirrored, left to right", flip),
    Alteration("screenshot", "As a screenshot of a web page", screenshot),
)
"""Every alteration that needs nothing but the picture, by name, from mild to rough within each kind."""
