"""Edits that move pixels: crop, reduce, frame, turn, mirror, tilt."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue from 0 to 255."""

Corners: TypeAlias = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Four points, from the top left clockwise, as shares of the width and the height."""

SEEN_FROM_THE_LEFT: Corners = ((0.03, 0.0), (0.94, 0.14), (0.94, 0.86), (0.03, 1.0))
"""A picture on a wall, photographed by someone who stands left of it."""

_WHITE = (255, 255, 255)
_BORDER = (38, 84, 124)


def crop(image: Image.Image, area: float, offset: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """Cut out a part with the same proportions.

    Args:
        image: RGB.
        area: share of the area that is kept, above 0 and up to 1.
        offset: where the part lies within its room to move, from (0, 0), top left, to (1, 1), bottom right.

    Returns:
        the part, not scaled.
    """
    width, height = (max(1, round(side * math.sqrt(area))) for side in image.size)
    left = round((image.width - width) * offset[0])
    top = round((image.height - height) * offset[1])
    return image.crop((left, top, left + width, top + height))


def resize(image: Image.Image, factor: float) -> Image.Image:
    """Multiply both sides by ``factor``; no side falls below one pixel."""
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS)


def thumbnail(image: Image.Image, side: int) -> Image.Image:
    """Reduce the picture until its longer side has ``side`` pixels; a smaller picture keeps its size."""
    reduced = image.copy()
    reduced.thumbnail((side, side), Image.Resampling.LANCZOS)
    return reduced


def pad(image: Image.Image, share: float, colour: Colour = _BORDER) -> Image.Image:
    """Add a border that makes both sides longer by ``share``, half of it at each end."""
    wide, tall = (max(1, round(side * share / 2)) for side in image.size)
    return ImageOps.expand(image, (wide, tall, wide, tall), fill=colour)


def rotate(image: Image.Image, degrees: float) -> Image.Image:
    """Turn the picture anticlockwise on a white ground large enough to hold it all.

    Quarter turns (90, 180, 270) move every pixel exactly and show no ground.
    """
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_WHITE)


def flip(image: Image.Image) -> Image.Image:
    """Swap left and right."""
    return ImageOps.mirror(image)


def perspective(image: Image.Image, corners: Corners = SEEN_FROM_THE_LEFT) -> Image.Image:
    """Tilt the picture in space, as in a photo taken from the side.

    The map between the two planes is the homography that takes each corner to its place, found from its
    eight linear equations (Hartley and Zisserman, "Multiple View Geometry", 2nd edition, section 4.1).

    Args:
        image: RGB.
        corners: where the picture's corners go, a convex quadrilateral.

    Returns:
        an image of the same size; white where the picture is not.
    """
    width, height = image.size
    sources = ((0, 0), (width, 0), (width, height), (0, height))
    equations, places = [], []
    for (across, down), (u, v) in zip(corners, sources, strict=True):
        x, y = across * width, down * height
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        places += [u, v]
    backwards = np.linalg.solve(np.array(equations, dtype=np.float64), np.array(places, dtype=np.float64))
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        backwards.tolist(),
        Image.Resampling.BICUBIC,
        fillcolor=_WHITE,
    )
