"""Colours: whether two pictures that agree in grey have colours of their own.

A copy may be paler, warmer or grey. Its colours still lie where those of the original lie, and are of nearly
the same hue: two flags of the same stripes, one logo in two colours, or one mug that is sold in red and in
blue, differ in that and may differ in nothing else. ``edits`` tells those whose hues are not so far apart.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.kernels.arrays import Vectors
from lookalike.sight.alignment import COARSE, Alignment, reducing
from lookalike.sight.evidence import Mask
from lookalike.sight.small import reduced

Chroma = NDArray[np.float32]
"""Colours without their brightness, (height, width, 2) float32: Cb and Cr, 0 for grey."""

_COLOURED = 8.0  # deviation from which a picture counts as having several colours
_ALIKE = 0.5  # correlation that copies reach: 0.51 with 64 colours left, 0.67 after anything else

_TINTED = 3.0  # deviation from which a hue can be told
_ONE_SHAPE = (
    0.9  # correlation from which colours lie in the same places, if all hues were turned by one angle
)
_TURNED = 0.87
"""Cosine of such an angle, 30 degrees. Making photos warmer turned their hues by 18 degrees at most, while
things sold in several colours differ by 45 and more."""


_PALER = 0.5
"""Deviation, as a share of the other picture's, below which a picture lacks most of its colours."""


def chroma_of(image: Image.Image) -> Chroma:
    """The chroma of a small picture, at a quarter of its size.

    Args:
        image: mode ``RGB``.
    """
    size = (max(1, round(COARSE * image.width)), max(1, round(COARSE * image.height)))
    coarse = Image.fromarray(cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA))
    return np.asarray(coarse.convert("YCbCr"), np.float32)[..., 1:] - 128


def colours_differ(first: Chroma, second: Chroma, alignment: Alignment, unlike: Mask, overlaid: bool) -> bool:
    """Whether two aligned pictures both have colours, and other ones.

    Args:
        first: (height, width, 2).
        second: (height, width, 2).
        alignment: of the pictures at their full size.
        unlike: where they do not agree in grey either, bool, of the second picture at its full size.
        overlaid: whether something was laid over one of them there, which has colours of its own.
    """
    matrix = reducing(alignment.matrix, COARSE)
    size = (second.shape[1], second.shape[0])
    ones = np.ones(first.shape[:2], np.uint8)
    inside = cv2.warpPerspective(ones, matrix, size, flags=cv2.INTER_NEAREST) > 0
    covered = np.asarray(cv2.resize(unlike.astype(np.uint8), size, interpolation=cv2.INTER_AREA), np.uint8)
    moved = np.asarray(cv2.warpPerspective(first, matrix, size), np.float32)
    chosen = inside & (covered == 0) if overlaid else inside
    if not chosen.any():
        return False
    sides = moved[chosen], second[chosen]
    if min(_deviation(side) for side in sides) < _TINTED:
        return False
    return _hues_differ(*sides)


def one_is_paler(first: Image.Image, second: Image.Image) -> bool:
    """Whether one of two pictures lacks most of the colours of the other, as one in grey does.

    Args:
        first: mode ``RGB``, of any size.
        second: mode ``RGB``, of any size.
    """
    colours = (chroma_of(reduced(image)).reshape(-1, 2) for image in (first, second))
    less, more = sorted(_deviation(side) for side in colours)
    return more >= _COLOURED and less < _PALER * more


def _hues_differ(first: Vectors, second: Vectors) -> bool:
    """Whether two rows of colours, (n, 2), lie in the same places and are of other hues, or are unlike.

    The chroma of a pixel is a vector whose angle is its hue. Its correlation with that of the other picture
    has a part along and a part across: as of complex numbers, the angle of the whole is by how much the hues
    are turned, and its size is what the correlation would be without that.
    """
    deviations = _deviation(first), _deviation(second)
    moved, base = first - first.mean(axis=0), second - second.mean(axis=0)
    along = float((moved * base).sum(axis=1).mean()) / (deviations[0] * deviations[1])
    across = float((moved * base[:, ::-1] * (1, -1)).sum(axis=1).mean()) / (deviations[0] * deviations[1])
    if np.hypot(along, across) >= _ONE_SHAPE:
        return along < _TURNED * float(np.hypot(along, across))
    return min(deviations) >= _COLOURED and along < _ALIKE


def _deviation(side: Vectors) -> float:
    return float(np.sqrt(side.var(axis=0).sum()))
