"""Pictures without straight lines, as photos are; in those of ``pictures`` patterns look like seams."""

from __future__ import annotations

import numpy as np
from PIL import Image


def scene(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Draw a few soft colours, and soft spots on them.

    Args:
        seed: the same seed and size give the same pixels.
        width: pixels.
        height: pixels.

    Returns:
        Mode RGB.
    """
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for levels, size in ((range(30, 200), (3, 4)), (range(56), (18, 24))):
        colours = random.choice(levels, (*size, 3)).astype(np.uint8)
        picture += Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))
