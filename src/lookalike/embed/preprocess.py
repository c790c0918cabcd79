"""From a picture of any size to what a network sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

# Part of every fingerprint: change it when the pixels that come out change.
PREPROCESSING = "squash-bicubic-1"


def to_pixels(images: Sequence[Image.Image], side: int) -> NDArray[np.uint8]:
    """Squash whole pictures to squares; nothing is cut off, so a copy at another size looks the same.

    Args:
        images: RGB pictures.
        side: pixels a side of the result.

    Returns:
        (n, side, side, 3) uint8.
    """
    from PIL.Image import Resampling  # noqa: PLC0415  a search opens its network before Pillow is imported

    pixels = np.empty((len(images), side, side, 3), np.uint8)
    for place, image in enumerate(images):
        # The gap lets a large picture shrink by whole factors first: many times faster, visually the same.
        pixels[place] = np.asarray(image.resize((side, side), Resampling.BICUBIC, reducing_gap=2.0))
    return pixels
