"""Greyscale of more than 8 bits to 8: which values are black and which are white."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

_ROWS_AT_ONCE = 256  # bounds the wide intermediate arrays: a deep image may have 100 million pixels
_DEPTHS = (8, 10, 12, 14, 16)


def white_of(highest: int) -> int:
    """The value that is white in integers up to ``highest``, which is 65535 or less.

    Cameras, scanners and microscopes store 10, 12 or 14 bits in 16 and mostly do not say so. The highest
    value tells: the smallest usual depth that holds it.
    """
    return next((1 << depth) - 1 for depth in _DEPTHS if highest < 1 << depth)


def deep_grey(image: Image.Image) -> Image.Image:
    """Scale deep greyscale to 8 bits.

    Integers within 0 to 65535 are scaled by their depth, see ``white_of``. Other integers, and floats, have
    no agreed range: the least finite value becomes 0, the greatest 255.

    Args:
        image: mode ``I``, ``F`` or ``I;16*``; its info may name one value that is transparent.

    Returns:
        Mode ``L``, or ``LA`` if a value is transparent.
    """
    values = np.asarray(image)
    grey = Image.fromarray(scaled(values, *_range(values)))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return grey


def scaled(values: npt.NDArray[np.generic], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Numbers of any type and shape to bytes: ``low`` becomes 0 and ``high`` 255, what is no number 0."""
    span = (high - low) or 1.0
    grey = np.empty(values.shape, np.uint8)
    for top in range(0, len(values), _ROWS_AT_ONCE):
        rows = slice(top, top + _ROWS_AT_ONCE)
        part = (values[rows].astype(np.float64) - low) * 255.0 / span
        grey[rows] = np.rint(np.nan_to_num(part, nan=0.0).clip(0, 255)).astype(np.uint8)
    return grey


def _range(values: npt.NDArray[np.generic]) -> tuple[float, float]:
    """The values that become black and white."""
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.any():
            return 0.0, 0.0
        return float(values.min(where=finite, initial=np.inf)), float(
            values.max(where=finite, initial=-np.inf)
        )
    low, high = int(values.min()), int(values.max())
    return (0, white_of(high)) if low >= 0 and high <= 65535 else (low, high)
