"""The small picture: an image reduced to 256 pixels on the longer side, which the second look compares."""

from __future__ import annotations

import io
from bisect import bisect_left

from PIL import Image, ImageFilter
from PIL.JpegImagePlugin import JpegImageFile

from lookalike.errors import UnreadableImage

SMALL_SIDE = 256
"""Pixels on the longer side of a small picture. A smaller picture is not enlarged."""

MOST_BYTES = 10 * 1024
"""Size of the largest encoded small picture."""

_FINER_SIDE = 320  # pixels on the longer side of a picture that shows more than its small one

_STEPS = range(5, 256)
"""Steps by which JPEG may round the waves of which it makes a picture, in levels; 255 is the coarsest."""


def reduced(image: Image.Image) -> Image.Image:
    """Reduce a picture to at most 256 pixels on its longer side.

    Args:
        image: mode ``RGB``, upright; left as it is.

    Returns:
        a new picture of mode ``RGB``, each side at least 1 pixel.
    """
    small = image.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small


def shows_more(width: int, height: int) -> bool:
    """Whether a picture of that size shows so much more than its small picture that a close look pays."""
    return max(width, height) >= _FINER_SIDE


def encode_small(image: Image.Image) -> bytes:
    """Encode a small picture for keeping, as JPEG with the finest steps that stay within ``MOST_BYTES``.

    JPEG's usual tables round fine waves coarsely, which eyes do not notice. The second look does: outlines
    of thin letters ripple and blur. So all waves are rounded by one step, and colours, which are compared at
    a quarter of the size only, by twice that.

    WebP would take a fifth less room and many times as long. A picture of pure noise fits with no step; it is
    blurred by a pixel first, which takes most of the noise away.

    Args:
        image: mode ``RGB``, of ``reduced``.
    """
    for softened in (image, image.filter(ImageFilter.GaussianBlur(1))):
        # The coarser the steps, the fewer the bytes.
        place = bisect_left(_STEPS, True, key=lambda step: len(_encoded(softened, step)) <= MOST_BYTES)
        if place < len(_STEPS):
            break
    return _encoded(softened, _STEPS[min(place, len(_STEPS) - 1)])


def _encoded(image: Image.Image, step: int) -> bytes:
    """A picture as JPEG, rounded by that step."""
    file = io.BytesIO()
    image.save(file, "JPEG", qtables=[[step] * 64, [min(2 * step, 255)] * 64])
    return file.getvalue()


def decode_small(data: bytes) -> Image.Image:
    """Decode a small picture.

    Args:
        data: as ``encode_small`` gave them.

    Returns:
        a picture of mode ``RGB``.

    Raises:
        UnreadableImage: the bytes are no small picture.
    """
    try:
        with JpegImageFile(io.BytesIO(data)) as file:
            if max(file.size) > SMALL_SIDE:
                raise UnreadableImage(f"a small picture of {file.width} x {file.height} pixels")
            return file.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise UnreadableImage("no small picture: not JPEG, or damaged") from error
