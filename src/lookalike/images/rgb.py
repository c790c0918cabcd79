"""Any pixel mode to 8-bit RGB, the way a person would see it on white paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

_WHITE = 255
_ROWS_AT_ONCE = 256  # bounds the wide intermediate arrays: a deep image may have 100 million pixels


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a decoded image of any mode.

    Transparent pixels are laid on white. 16-bit greyscale keeps its range: 0..65535 becomes 0..255. Other
    integers, and floats, have no agreed range: the least finite value becomes 0, the greatest 255.

    Args:
        image: any mode that Pillow's decoders produce.

    Returns:
        A new image of mode ``RGB`` and the same size.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _deep_grey(image).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image)
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "La":  # Pillow converts premultiplied grey to LA only
        image = image.convert("LA")
    transparent = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(transparent, mask=transparent.getchannel("A"))
    return paper


def _deep_grey(image: Image.Image) -> Image.Image:
    """An image of mode ``I``, ``F`` or ``I;16*`` as mode ``L``."""
    values = np.asarray(image)
    low, high = _range(values)
    span = (high - low) or 1.0
    grey = np.empty(values.shape, np.uint8)
    for top in range(0, len(values), _ROWS_AT_ONCE):
        rows = slice(top, top + _ROWS_AT_ONCE)
        scaled = (values[rows].astype(np.float64) - low) * 255.0 / span
        grey[rows] = np.rint(np.nan_to_num(scaled, nan=0.0).clip(0, 255)).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[values == transparent] = _WHITE
    return Image.fromarray(grey)


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
    return (0, 65535) if low >= 0 and high <= 65535 else (low, high)
