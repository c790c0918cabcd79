"""A smooth picture, of which every edit leaves something to measure, and its pixels as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def wavy(width: int = 120, height: int = 90, *, coloured: bool = True) -> Image.Image:
    """Smooth waves from 28 to 228, another in each channel, so that a JPEG of them is close."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 9 + shift) * np.cos(y / 11 - shift) * 100 + 128 for shift in (0.0, 1.0, 2.0)]
    image = Image.fromarray(np.stack(waves, axis=-1).astype(np.uint8))
    return image if coloured else image.convert("L").convert("RGB")


def pixels(image: Image.Image) -> NDArray[np.int64]:
    """Levels from 0 to 255, int64 (height, width, 3)."""
    return np.asarray(image).astype(np.int64)


def flat(level: int) -> Image.Image:
    """One grey level, 40 x 30 pixels."""
    return Image.new("RGB", (40, 30), (level, level, level))
