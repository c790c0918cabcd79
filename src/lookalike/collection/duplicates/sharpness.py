"""Sharpness: how much fine detail a picture shows, measured so that copies of one picture can be compared."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

_MOST_PIXELS = 1024 * 1024
_TILES = 8


def sharpness(picture: Image.Image, pixels: int) -> float:
    """Measure how sharp a picture is beside others that are scaled to as many pixels.

    Scaling all copies of a picture to the size of the largest keeps a small copy, and one that was enlarged
    again, from passing for sharp. The measure is the variance of the Laplacian (Pech-Pacheco and others, ICPR
    2000), taken in 8 x 8 tiles, of which the median counts, so that text over a third of a picture makes it
    no sharper. Noise counts as detail.

    Args:
        picture: of any mode and size.
        pixels: how many the largest of the pictures has; above 1024 x 1024, these are enough.

    Returns:
        The square root of that variance, in grey levels from 0 to 255.
    """
    scale = math.sqrt(min(pixels, _MOST_PIXELS) / (picture.width * picture.height))
    size = (max(3, round(picture.width * scale)), max(3, round(picture.height * scale)))
    grey = np.asarray(picture.convert("L").resize(size, Image.Resampling.BICUBIC), np.float32)
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    tiles = [
        tile
        for band in np.array_split(laplacian, _TILES, axis=0)
        for tile in np.array_split(band, _TILES, axis=1)
        if tile.size
    ]
    return float(np.sqrt(np.median([tile.var() for tile in tiles])))
