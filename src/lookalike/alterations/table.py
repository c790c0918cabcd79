"""Alterations by name, at fixed strengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from PIL import Image

from lookalike.alterations.geometry import crop, flip, pad, perspective, resize, rotate, thumbnail
from lookalike.alterations.lettering import caption, write_over
from lookalike.alterations.screenshots import phone_screenshot, screenshot
from lookalike.alterations.stickers import stick
from lookalike.alterations.tones import add_noise, blur, brighten, encode_jpeg, grey, posterise, recolour
from lookalike.errors import UsageError

SMALLEST_SIDE = 16
"""Pixels that an image must have in each direction to be altered."""


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
        """Edit a copy of the image.

        Args:
            image: RGB, at least 16 pixels wide and high; left as it is.

        Returns:
            a new RGB image, often of another size.

        Raises:
            UsageError: ``image`` has another mode or is too small.
        """
        require_alterable(self.name, image)
        return self.change(image)


def require_alterable(name: str, image: Image.Image) -> None:
    """Refuse an image that the alteration of this name cannot take.

    Raises:
        UsageError: ``image`` is not RGB, or smaller than 16 pixels in a direction.
    """
    if image.mode != "RGB":
        raise UsageError(f"{name} takes an RGB image, not {image.mode}; convert it first")
    if min(image.size) < SMALLEST_SIDE:
        size = f"{image.width} x {image.height}"
        raise UsageError(f"{name} takes images of {SMALLEST_SIDE} pixels a side or more, not {size}")


def _table(*alterations: Alteration) -> MappingProxyType[str, Alteration]:
    return MappingProxyType({alteration.name: alteration for alteration in alterations})


ALTERATIONS = _table(
    Alteration("jpeg-40", "Saved as JPEG at quality 40", partial(encode_jpeg, quality=40)),
    Alteration("jpeg-30", "Saved as JPEG at quality 30", partial(encode_jpeg, quality=30)),
    Alteration("jpeg-10", "Saved as JPEG at quality 10", partial(encode_jpeg, quality=10)),
    Alteration("resize-40", "Reduced to 40 % of its width and height", partial(resize, factor=0.4)),
    Alteration("thumbnail-64", "Reduced to 64 pixels on its longer side", partial(thumbnail, side=64)),
    Alteration("brighter", "Made brighter by 30 %", partial(brighten, factor=1.3)),
    Alteration("darker", "Made darker by 40 %", partial(brighten, factor=0.6)),
    Alteration("grey", "Without its colours", grey),
    Alteration("blur", "Blurred", partial(blur, share=0.01)),
    Alteration("posterise", "Reduced to 64 colours", partial(posterise, bits=2)),
    Alteration("noise", "With heavy noise", partial(add_noise, deviation=40)),
    Alteration(
        "warm", "Made warmer and more colourful", partial(recolour, gains=(1.12, 1.0, 0.84), saturation=1.25)
    ),
    Alteration("crop-80", "Cropped to 80 % of its area", partial(crop, area=0.8)),
    Alteration(
        "crop-70", "Cropped to 70 % of its area, off centre", partial(crop, area=0.7, offset=(0.9, 0.2))
    ),
    Alteration("crop-50", "Cropped to half its area", partial(crop, area=0.5)),
    Alteration("crop-30", "Cropped to 30 % of its area", partial(crop, area=0.3)),
    Alteration("crop-15", "Cropped to 15 % of its area", partial(crop, area=0.15)),
    Alteration("crop-10", "Cropped to 10 % of its area", partial(crop, area=0.1)),
    Alteration("caption", "With a caption over the lowest tenth", partial(caption, share=0.1)),
    Alteration("text", "With text over a third of it", partial(write_over, share=1 / 3)),
    Alteration("stickers", "With three stickers on it", stick),
    Alteration("pad", "With a border that adds 40 % to each side", partial(pad, share=0.4)),
    Alteration("rotate", "Turned by 10 degrees", partial(rotate, degrees=10)),
    Alteration("rotate-30", "Turned by 30 degrees", partial(rotate, degrees=30)),
    Alteration("rotate-90", "Turned by a quarter", partial(rotate, degrees=90)),
    Alteration("rotate-180", "Turned upside down", partial(rotate, degrees=180)),
    Alteration("flip", "Mirrored, left to right", flip),
    Alteration("perspective", "Photographed from the side", perspective),
    Alteration("screenshot", "As a screenshot of a web page", screenshot),
    Alteration("phone-screenshot", "As a screenshot of a phone", phone_screenshot),
)
"""Every alteration that needs nothing but the picture, by name, from mild to rough within each kind."""
