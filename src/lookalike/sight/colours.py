"""Colours: whether two pictures that agree in grey have colours of their own.

A copy may be paler, warmer or grey. Its colours still lie where those of the original lie: two flags of the
same stripes, or one logo in two colours, differ in that and may differ in nothing else.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.sight.alignment import COARSE, Alignment, reducing

Chroma = NDArray[np.float32]
"""Colours without their brightness, (height, width, 2) float32: Cb and Cr, 0 for grey."""

_COLOURED = 8.0  # deviation from which a picture counts as having several colours
_ALIKE = 0.5  # correlation that copies reach: 0.51 with 64 colours left, 0.67 after anything else


def chroma_of(image: Image.Image) -> Chroma:
    """The chroma of a small picture, at a quarter of its size.

    Args:
        image: mode ``RGB``.
    """
    size = (max(1, round(COARSE * image.width)), max(1, round(COARSE * image.height)))
    coarse = Image.fromarray(cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA))
    return np.asarray(coarse.convert("YCbCr"), np.float32)[..., 1:] - 128


def colours_differ(first: Chroma, second: Chroma, alignment: Alignment) -> bool:
    """Whether two aligned pictures both have several colours, and other ones.

    Args:
        first: (height, width, 2).
        second: (height, width, 2).
        alignment: of the pictures at their full size.
    """
    matrix = reducing(alignment.matrix, COARSE)
    size = (second.shape[1], second.shape[0])
    ones = np.ones(first.shape[:2], np.uint8)
    inside = cv2.warpPerspective(ones, matrix, size, flags=cv2.INTER_NEAREST) > 0
    if not inside.any():
        return False
    moved = np.asarray(cv2.warpPerspective(first, matrix, size))[inside]
    base = second[inside]
    moved, base = moved - moved.mean(axis=0), base - base.mean(axis=0)
    deviations = [float(np.sqrt((side**2).sum(axis=1).mean())) for side in (moved, base)]
    if min(deviations) < _COLOURED:
        return False
    return float((moved * base).sum(axis=1).mean()) < _ALIKE * deviations[0] * deviations[1]
