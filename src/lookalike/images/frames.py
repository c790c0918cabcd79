"""Which frame of an animation stands for it.

Mostly the first, as in every file manager. But animations that fade in from black, or open with a title, all
begin alike. So if the first frame shows little, the frame that shows most is taken, among so many that the
work stays bounded. How much a frame shows is the entropy of its colours, which is low if it is dark or plain.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from lookalike.images.rgb import to_rgb

_RICH = 5.0
"""Bits of entropy from which the first frame stays whatever follows; at most 12 can be measured."""
_MUCH_MORE = 1.3
_FRAMES = 240
_PIXELS = 60_000_000  # of all frames that are decoded together; about a second
_LARGER = 2
"""How many times the pixels of the first frame a later one may have: room was taken for the first."""
_SMALL = 2_000_000  # pixels of a later frame that are always allowed
_SIDE = 64


def telling(source: ImageFile) -> Image.Image:
    """The frame that shows what an animation is about.

    Args:
        source: an open image; its frames are sought one after the other, and it is left at any of them.

    Returns:
        ``source`` itself, loaded, if its first frame stays; else a copy of another frame.

    Raises:
        Exception: whatever the decoder raises for a damaged first frame; damage behind it ends the search.
    """
    source.load()
    if not are_several(source):
        return source
    first = _entropy(source)
    if first >= _RICH:
        return source
    kept, best, richest = source.copy(), None, first * _MUCH_MORE
    most, left = max(_SMALL, _LARGER * source.width * source.height), _PIXELS
    with suppress(Exception):  # EOFError behind the last frame, or damage
        for number in range(1, _FRAMES):
            source.seek(number)
            pixels = source.width * source.height
            left -= pixels
            if pixels > most or left < 0:
                break
            source.load()
            if number < 16 or number % 8 == 0:
                entropy = _entropy(source)
                if entropy > richest:
                    best, richest = source.copy(), entropy
    return best or kept


def are_several(source: ImageFile) -> bool:
    """Whether an open image has more than one frame or page; what its decoder cannot tell, it has not."""
    return bool(getattr(source, "is_animated", False))


def _entropy(image: Image.Image) -> float:
    """Shannon entropy, in bits, of the colours of a 64 x 64 sample at 4 bits per channel."""
    small = np.asarray(to_rgb(image.resize((_SIDE, _SIDE), Image.Resampling.NEAREST)), np.int64) >> 4
    counts = np.bincount((small[..., 0] << 8 | small[..., 1] << 4 | small[..., 2]).ravel())
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())
