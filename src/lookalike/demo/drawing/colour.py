"""Mixing colours so that the middle of a gradient is as clear as its ends.

Mixed in sRGB, orange and blue meet in mud; in OKLab (Ottosson, "A perceptual color space for image
processing", 2020) they meet in a colour of the lightness half way between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Colour: TypeAlias = tuple[int, int, int]

_RGB_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LAB_TO_CONES = np.linalg.inv(_CONES_TO_LAB)
_CONES_TO_RGB = np.linalg.inv(_RGB_TO_CONES)


def to_oklab(colours: ArrayLike) -> NDArray[np.float64]:
    """OKLab coordinates of sRGB colours.

    Args:
        colours: sRGB values from 0 to 255, shape (..., 3).

    Returns:
        lightness, green-red and blue-yellow, float64, the same shape.
    """
    encoded = np.asarray(colours, dtype=np.float64) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _RGB_TO_CONES.T) @ _CONES_TO_LAB.T)


def from_oklab(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The nearest sRGB colours, uint8, of OKLab coordinates of shape (..., 3)."""
    linear = np.clip((lab @ _LAB_TO_CONES.T) ** 3 @ _CONES_TO_RGB.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)


def ramp(stops: Sequence[Colour], length: int) -> NDArray[np.uint8]:
    """A gradient through evenly spaced colours.

    Args:
        stops: at least one colour, first to last.
        length: number of steps.

    Returns:
        uint8 (length, 3); the first and last rows are the first and last stops.
    """
    lab = to_oklab(stops)
    places = np.linspace(0, len(stops) - 1, length)
    channels = [np.interp(places, np.arange(len(stops)), lab[:, channel]) for channel in range(3)]
    return from_oklab(np.stack(channels, axis=1))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour that lies ``share`` (0 to 1) of the way from ``first`` to ``second``."""
    lab = to_oklab((first, second))
    red, green, blue = from_oklab(lab[0] + (lab[1] - lab[0]) * share).tolist()
    return (red, green, blue)


def lightness(colour: Colour) -> float:
    """Perceived lightness from 0 (black) to 1 (white)."""
    return float(to_oklab(colour)[0])
