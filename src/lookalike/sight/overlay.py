"""Overlays: whether what differs between two aligned pictures was laid over one of them.

Where a copy differs from its original, something was put over it: letters, a sticker, a band. Its most
frequent tone is rare in what it covers. Two fillings of one template differ in both directions alike: where
one has a letter, the other has none, and the other way round. So the most frequent tone of each picture where
they differ is looked for in the other one, at the same pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.sight.evidence import Mask

Field = NDArray[np.float32]

OTHER = 24.0  # levels by which a pixel must differ to count
_FEWEST = 30  # pixels that must
_COVERED = 0.2  # share of the differing windows' area that they must take
NEAR = 20  # levels around a frequent tone
_LEAST = 0.2  # share of the differing pixels that the overlay's most frequent tone must take
_TIMES = 6.0  # how many times as frequent it must be as at the same pixels of the other picture

_ONE_WAY = 0.9  # share of the pixels that differ which must be lighter, or darker, by an overlay

_PHOTO_NEAR = 8
_PHOTO = 0.6
"""Share that the three most frequent tones of a photo may take where it shows something. Drawn things have
fewer tones, and they are what templates are made of, so there nothing passes for an overlay."""


def laid_over(first: Field, second: Field, differing: Mask, agreeing: Mask) -> bool:
    """Whether two photos are the same but for an overlay on one of them.

    Args:
        first: (height, width) float32, 0 to 255, not blurred: thin letters have their tone only so.
        second: as ``first``, and laid on it.
        differing: (height, width) bool: windows that show something in either picture, and not the same.
        agreeing: (height, width) bool: windows that show something, and the same.
    """
    if not agreeing.any() or not differing.any():
        return False
    if drawn(first, agreeing) or drawn(second, agreeing):
        return False
    matched = adjusted(first, second, agreeing)[differing]
    target = second[differing]
    other = np.abs(matched - target) > OTHER
    if other.sum() < max(_FEWEST, _COVERED * len(target)):
        return False
    sides = matched[other], target[other]
    return _foreign(*sides) or _foreign(*sides[::-1])


def drawn(field: Field, agreeing: Mask) -> bool:
    """Whether a picture, as in ``laid_over``, is drawn, and no photo."""
    return _few_tones(field[agreeing], 3, _PHOTO_NEAR)[1] > _PHOTO


def one_way(first: Field, second: Field, differing: Mask, agreeing: Mask) -> bool:
    """Whether one picture is nowhere darker than the other where they differ, as under letters of one tone.

    Letters that shine through have no tone that is foreign to what they cover. Letters that were exchanged
    leave places that are darker and others that are lighter.

    Args:
        first: as for ``laid_over``.
        second: as for ``laid_over``.
        differing: (height, width) bool: windows that differ.
        agreeing: (height, width) bool: windows that show something, and the same.
    """
    off = (adjusted(first, second, agreeing) - second)[differing]
    darker, lighter = float((off < -OTHER).sum()), float((off > OTHER).sum())
    return max(darker, lighter) >= _ONE_WAY * (darker + lighter)


def adjusted(first: Field, second: Field, agreeing: Mask) -> Field:
    """The first picture at the brightness and contrast of the second, by least squares where they agree."""
    x, y = first[agreeing], second[agreeing]
    gain = float(((x - x.mean()) * (y - y.mean())).mean()) / max(float(x.var()), 1e-3)
    return np.asarray(np.clip(gain * (first - x.mean()) + y.mean(), 0, 255), np.float32)


def _foreign(below: Field, above: Field) -> bool:
    """Whether the most frequent tone of ``above`` is rare at the same pixels of ``below``."""
    tones, share = _few_tones(above, 1, NEAR)
    return share >= max(_LEAST, _TIMES * float(tones[below.astype(np.uint8)].mean()))


def _few_tones(values: Field, number: int, near: int) -> tuple[Mask, float]:
    """The most frequent tones with all that are near them, (256,) bool, and the share of pixels they take."""
    counts = np.bincount(values.astype(np.uint8), minlength=256).astype(np.float64)
    tones, share = np.zeros(256, np.bool_), 0.0
    for _ in range(number):
        around = np.convolve(counts, np.ones(2 * near + 1), "same")
        middle = int(around.argmax())
        share += float(around[middle])
        chosen = slice(max(0, middle - near), middle + near + 1)
        tones[chosen], counts[chosen] = True, 0
    return tones, share / max(len(values), 1)
