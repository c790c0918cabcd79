"""The close look: whether two pictures show the same down to their small print, before one of them goes.

The second look works at 256 pixels, where two invoices that differ in a number are one picture. At 1,024 they
are not: of copies that were saved again, resized, recoloured or turned, no window differs, and a single digit
that was exchanged makes one differ.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from lookalike.sight.agreement import measure
from lookalike.sight.alignment import Alignment, refined, stretching
from lookalike.sight.keypoints import Grey
from lookalike.sight.looking import Sight, look

_SIDE = 1024
"""Pixels on the longer side of the pictures that are looked at closely; smaller ones are not enlarged."""


def same_closely(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures show all of each other, and nowhere anything else.

    Args:
        first: mode ``RGB``, best decoded to at least 1,024 pixels on its longer side.
        second: mode ``RGB``.
    """
    sights = Sight(first), Sight(second)
    evidence = look(*sights)
    if evidence.matrix is None or not evidence.verified or not evidence.whole:
        return False
    fine = _grey(first), _grey(second)
    factors = [max(grey.shape) / max(sight.grey.shape) for grey, sight in zip(fine, sights, strict=True)]
    enlarge = [stretching(factor, factor) for factor in factors]
    matrix = enlarge[1] @ evidence.matrix @ np.linalg.inv(enlarge[0])
    rough = Alignment(matrix, evidence.inliers)
    if _same(*fine, rough):
        return True
    finer = refined(*fine, rough, 0.5)
    return finer is not None and _same(*fine, finer)


def _same(first: Grey, second: Grey, alignment: Alignment) -> bool:
    agreement = measure(first, second, alignment)
    return agreement is not None and agreement.differing == 0


def _grey(image: Image.Image) -> Grey:
    grey = np.asarray(image.convert("L"))
    share = min(1.0, _SIDE / max(grey.shape))
    size = max(1, round(share * grey.shape[1])), max(1, round(share * grey.shape[0]))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
