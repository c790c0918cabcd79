"""Random edits of a picture: what the network has to see through.

The edits are those of ``lookalike.alterations``, with strengths drawn at random. ``mild`` is the usual
diet of image classifiers; ``hard`` is what happens to copies on the web (Pizzi et al., "A Self-Supervised
Descriptor for Image Copy Detection", CVPR 2022, section 4.3).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from lookalike import alterations as alter

Edit = Callable[[Image.Image, random.Random], Image.Image]

_SMALLEST = 24  # pixels a side that any edit leaves
_PHRASES = (
    "look what I found today",
    "do not copy",
    "BREAKING NEWS",
    "when you see it",
    "SALE 50 %",
    "© photo 2026",
    "ha ha ha :)",
    "sample",
)


def mild(image: Image.Image, draw: random.Random) -> Image.Image:
    """Crop a little, mirror, recolour a little.

    Args:
        image: RGB, at least 32 pixels a side.
        draw: the source of all chance.

    Returns:
        a new RGB image, of another size.
    """
    image = crop(image, draw, 0.4, 1.0)
    if draw.random() < 0.5:
        image = alter.flip(image)
    if draw.random() < 0.6:
        image = colour(image, draw, 0.3)
    if draw.random() < 0.15:
        image = quality(image, draw)
    return image


def hard(image: Image.Image, draw: random.Random, background: Image.Image) -> Image.Image:
    """One to four edits at once: of shape, by something laid over, of colour, of quality.

    Args:
        image: RGB, at least 32 pixels a side.
        draw: the source of all chance.
        background: another picture, on which this one may be pasted.

    Returns:
        a new RGB image, of another size.
    """
    if draw.random() < 0.3:
        image = alter.flip(image)
    if draw.random() < 0.5:
        image = colour(image, draw, 0.5)
    if draw.random() < 0.12:
        image = alter.grey(image)
    if draw.random() < 0.35:
        image = draw.choice((_write_over, _caption, _cover))(image, draw)
    kind = draw.random()
    if kind < 0.35:
        image = crop(image, draw, 0.2, 0.9)
    elif kind < 0.50:
        image = _rotate(image, draw)
    elif kind < 0.65:
        image = _pad(image, draw)
    elif kind < 0.85:
        image = _paste(image, draw, background)
    elif kind < 0.90:
        image = alter.screenshot(image, draw.randint(40, 90))
    if draw.random() < 0.4:
        image = quality(image, draw)
    return image


def crop(image: Image.Image, draw: random.Random, least: float, most: float) -> Image.Image:
    """Cut out a part of between ``least`` and ``most`` of the area, its proportions changed by up to 4:3."""
    area = draw.uniform(least, most)
    stretch = math.exp(draw.uniform(-0.5, 0.5) * math.log(4 / 3))
    width = max(_SMALLEST, min(image.width, round(image.width * math.sqrt(area) * stretch)))
    height = max(_SMALLEST, min(image.height, round(image.height * math.sqrt(area) / stretch)))
    left, top = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def colour(image: Image.Image, draw: random.Random, strength: float) -> Image.Image:
    """Change brightness, contrast, saturation and white balance."""
    low, high = 1 - strength, 1 + strength
    image = alter.brighten(image, draw.uniform(low, high))
    image = ImageEnhance.Contrast(image).enhance(draw.uniform(low, high))
    if draw.random() < 0.5:
        red, green, blue = (draw.uniform(1 - strength / 2, 1 + strength / 2) for _ in range(3))
        image = alter.recolour(image, (red, green, blue), draw.uniform(low, high))
    return image


def quality(image: Image.Image, draw: random.Random) -> Image.Image:
    """Lose detail: through a JPEG file, a small size, a blur or noise."""
    kind = draw.random()
    if kind < 0.5:
        return alter.encode_jpeg(image, draw.randint(5, 60))
    if kind < 0.75:
        return alter.resize(image, max(draw.uniform(0.3, 0.8), _SMALLEST / min(image.size)))
    if kind < 0.9:
        return alter.blur(image, draw.uniform(0.005, 0.025))
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, draw.uniform(4, 20), (*image.size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def _any_colour(draw: random.Random) -> alter.Colour:
    """Black, white or anything between and beside."""
    if draw.random() < 0.4:
        return draw.choice(((0, 0, 0), (255, 255, 255)))
    return draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255)


def _text(draw: random.Random) -> str:
    return " ".join(draw.choices(_PHRASES, k=draw.randint(1, 2)))


def _write_over(image: Image.Image, draw: random.Random) -> Image.Image:
    return alter.write_over(image, draw.uniform(0.15, 0.5), _text(draw) + " · ")


def _caption(image: Image.Image, draw: random.Random) -> Image.Image:
    """A band of text, below or, turned over and back, above with the picture left upright."""
    share = draw.uniform(0.05, 0.2)
    if draw.random() < 0.7:
        return alter.caption(image, share, _text(draw))
    return ImageOps.flip(alter.caption(ImageOps.flip(image), share, _text(draw)))


def _cover(image: Image.Image, draw: random.Random) -> Image.Image:
    """A rectangle of one colour over up to a quarter of the picture."""
    width = max(1, round(image.width * draw.uniform(0.15, 0.5)))
    height = max(1, round(image.height * draw.uniform(0.15, 0.5)))
    covered = image.copy()
    place = (draw.randint(0, image.width - width), draw.randint(0, image.height - height))
    covered.paste(Image.new("RGB", (width, height), _any_colour(draw)), place)
    return covered


def _rotate(image: Image.Image, draw: random.Random) -> Image.Image:
    """Turn by up to 20 degrees on a ground of any colour; sometimes cut back to the picture's own size."""
    degrees = draw.uniform(-20, 20)
    whole = draw.random() < 0.75
    return image.rotate(degrees, Image.Resampling.BILINEAR, expand=whole, fillcolor=_any_colour(draw))


def _pad(image: Image.Image, draw: random.Random) -> Image.Image:
    """A border all around, or on two sides as on a screen of other proportions."""
    colour_of_border = _any_colour(draw)
    if draw.random() < 0.6:
        return alter.pad(image, draw.uniform(0.1, 0.7), colour_of_border)
    wide, tall = draw.choice(((1, 0), (0, 1)))
    share = draw.uniform(0.1, 0.5)
    border = (round(wide * share * image.width), round(tall * share * image.height))
    return ImageOps.expand(image, border, fill=colour_of_border)


def _paste(image: Image.Image, draw: random.Random, background: Image.Image) -> Image.Image:
    """On another picture, rather near its middle."""
    offset = (draw.triangular(0, 1, 0.5), draw.triangular(0, 1, 0.5))
    return alter.paste_on(image, background, draw.uniform(0.45, 0.85), offset)
