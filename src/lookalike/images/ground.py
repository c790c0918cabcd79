"""What a transparent picture is laid on: white, unless that hides what it shows.

White logos and lettering on transparency are common, and on white paper they are all the same blank sheet.
So the edges that each ground lets one see are counted, and white has to show most of what the best one shows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

_GROUNDS = (255, 0, 128)  # in this order of preference
_GOOD_ENOUGH = 0.75
_PLAIN = 64
"""Grey levels from which an edge counts as seen; a stronger one counts no more."""
_SIDE = 512  # pixels that the judged copy's longer side has at most


def on_ground(image: Image.Image) -> Image.Image:
    """Lay a picture with transparency on white, black or grey.

    Args:
        image: any mode for which ``has_transparency_data`` holds.

    Returns:
        Mode ``RGB``, the same size.
    """
    if image.mode == "La":  # Pillow converts premultiplied grey to LA only
        image = image.convert("LA")
    transparent = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = transparent.getchannel("A")
    level = _GROUNDS[0] if alpha.getextrema()[0] == 255 else _chosen(transparent)
    paper = Image.new("RGB", image.size, (level,) * 3)
    paper.paste(transparent, mask=alpha)
    return paper


def _chosen(transparent: Image.Image) -> int:
    """The grey level of the ground for an ``RGBA`` image."""
    factor = -(-max(transparent.size) // _SIDE)
    pixels = np.asarray(transparent.reduce(factor) if factor > 1 else transparent, np.float32)
    opacity = pixels[..., 3:] / 255
    seen = [_edges(pixels[..., :3] * opacity + level * (1 - opacity)) for level in _GROUNDS]
    return next(
        level for level, edges in zip(_GROUNDS, seen, strict=True) if edges >= _GOOD_ENOUGH * max(seen)
    )


def _edges(pixels: npt.NDArray[np.floating]) -> float:
    """Sum of the differences of neighbours in (rows, columns, 3) pixels, each up to ``_PLAIN``."""
    steps = (np.abs(np.diff(pixels, axis=axis)).max(axis=2) for axis in (0, 1))
    return float(sum(np.minimum(step, _PLAIN).sum() for step in steps))
