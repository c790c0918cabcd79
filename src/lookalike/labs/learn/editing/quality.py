"""Edits of colour and of quality."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageOps

from lookalike import alterations

_THUMBNAIL = 44  # pixels of the longer side, at least
_SMALLEST = 24  # pixels a side that shrinking leaves


def colour(image: Image.Image, draw: random.Random, strength: float) -> Image.Image:
    """Change brightness, contrast, saturation and white balance."""
    low, high = 1 - strength, 1 + strength
    image = alterations.brighten(image, draw.uniform(low, high))
    image = ImageEnhance.Contrast(image).enhance(draw.uniform(low, high))
    if draw.random() < 0.5:
        red, green, blue = (draw.uniform(1 - strength / 2, 1 + strength / 2) for _ in range(3))
        image = alterations.recolour(image, (red, green, blue), draw.uniform(low, high))
    return image


def posterise(image: Image.Image, draw: random.Random) -> Image.Image:
    """Two to four bits a channel."""
    return alterations.posterise(image, draw.randint(2, 4))


RECOLOURINGS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (
    lambda image, _: alterations.grey(image),
    lambda image, _: alterations.grey(image),
    posterise,
    lambda image, _: ImageOps.equalize(image),
)


def lose_detail(image: Image.Image, draw: random.Random) -> Image.Image:
    """Through a JPEG file, a small size, a thumbnail, a blur or noise."""
    kind = draw.random()
    if kind < 0.4:
        return alterations.encode_jpeg(image, draw.randint(5, 60))
    if kind < 0.55:
        return alterations.resize(image, max(draw.uniform(0.3, 0.8), _SMALLEST / min(image.size)))
    if kind < 0.7:
        return alterations.thumbnail(image, draw.randint(_THUMBNAIL, 100))
    if kind < 0.85:
        return alterations.blur(image, draw.uniform(0.005, 0.025))
    return alterations.add_noise(image, draw.uniform(4, 30), draw.getrandbits(32))
