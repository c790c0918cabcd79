"""Relief: whether two pictures that agree wherever they have marked edges also agree in between.

All planets have one rim, as all plates and all coins do, and windows on the rim agree. What tells them apart
is fainter than a window of the overlap has to show: clouds and stains of a few levels, over shading that is
the same on any globe. So shading and noise are taken away, and what is left is compared in larger windows.
Wherever both pictures have some of it, a copy has the same.
"""

from __future__ import annotations

import cv2
import numpy as np

from lookalike.sight.overlay import Field
from lookalike.sight.windows import Laid

_NOISE, _SHADING = 2.0, 8.0  # pixels up to which what changes is noise, and from which on it is shading
_WINDOW, _STEP = 35, 5  # pixels a side of a window, and from one to the next
_INSIDE = 9  # pixels beside the edge of the overlap that are left out
_FAINTEST, _FAINT = 0.5, 6.0  # levels of deviation that are relief, and no marked edge
_ALSO = 0.35  # if the other picture has this share of it in the same window
_BLACK, _WHITE = 8.0, 240.0  # mean tones beyond which an edit may have cut relief off
_MOST_OF_IT = 0.45  # share of all windows that must be so: else marked edges tell enough
_OTHER, _MANY = 0.4, 0.25
"""Correlation below which a window differs, and the share of the windows that must."""


def relief_differs(laid: Laid) -> bool:
    """Whether two pictures have other faint relief, and little else.

    Args:
        laid: two pictures, laid on each other.
    """
    *sides, inside = laid.fields()
    one, other = (_blurred(side, _NOISE) - _blurred(side, _SHADING) for side in sides)
    whole = cv2.erode(inside.astype(np.uint8), np.ones((_INSIDE, _INSIDE), np.uint8), borderValue=0)
    windows = whole[_AT] > 0
    squares, other_squares = _means(one * one), _means(other * other)
    strong, weak = np.maximum(squares, other_squares), np.minimum(squares, other_squares)
    chosen = windows & (strong > _FAINTEST**2) & (strong <= _FAINT**2) & (weak > _ALSO**2 * strong)
    tones = [_means(side) for side in sides]
    chosen &= (np.minimum(*tones) > _BLACK) & (np.maximum(*tones) < _WHITE)
    if chosen.sum() < max(1, _MOST_OF_IT * windows.sum()):
        return False
    like = _means(one * other)[chosen] / np.sqrt(squares[chosen] * other_squares[chosen])
    return bool((like < _OTHER).mean() >= _MANY)


_AT = (slice(_WINDOW // 2, None, _STEP),) * 2
"""The pixels that windows are centred on."""


def _blurred(field: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def _means(field: Field) -> Field:
    """Mean of each window."""
    return np.asarray(cv2.boxFilter(field, -1, (_WINDOW, _WINDOW))[_AT], np.float32)
