"""Edits of colour and of quality."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from lookalike.images import alter

_THUMBNAIL = 44  # pixels of the longer side, at least
_SMALLEST = 24  # pixels a side that shrinking leaves


def colour(image: Image.Image, draw: random.Random, strength: float) -> Image.Image:
    """Change brightness, contrast, saturation and white balance."""
    low, high = 1 - strength, 1 + strength
    image = alter.brighten(image, draw.uniform(low, high))
    image = ImageEnhance.Contrast(image).enhance(draw.uniform(low, high))
    if draw.random() < 0.5:
        red, green, blue = (draw.uniform(1 - strength / 2, 1 + strength / 2) for _ in range(3))
        image = alter.recolour(image, (red, green, blue), draw.uniform(low, high))
    return image


def posterise(image: Image.Image, draw: random.Random) -> Image.Image:
    """Two to four bits a channel."""
    return ImageOps.posterize(image, draw.randint(2, 4))


RECOLOURINGS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (
    lambda image, _: alter.grey(image),
    lambda image, _: alter.grey(image),
    posterise,
    lambda image, _: ImageOps.equalize(image),
)


def lose_detail(image: Image.Image, draw: random.Random) -> Image.Image:
    """Through a JPEG file, a small size, a thumbnail, a blur or noise."""
    kind = draw.random()
    if kind < 0.4:
        return alter.encode_jpeg(image, draw.randint(5, 60))
    if kind < 0.55:
        return alter.resize(image, max(draw.uniform(0.3, 0.8), _SMALLEST / min(image.size)))
    if kind < 0.7:
        return _thumbnail(image, draw)
    if kind < 0.85:
        return alter.blur(image, draw.uniform(0.005, 0.025))
    spread = draw.uniform(4, 30)
    noise = np.random.default_rng(draw.getrandbits(32)).standard_normal(
        (*image.size[::-1], 3), dtype=np.float32
    )
    return Image.fromarray(np.clip(np.asarray(image) + spread * noise, 0, 255).astype(np.uint8))


def _thumbnail(image: Image.Image, draw: random.Random) -> Image.Image:
    """44 to 100 pixels on its longer side."""
    small = image.copy()
    longest = draw.randint(_THUMBNAIL, 100)
    small.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    return small
