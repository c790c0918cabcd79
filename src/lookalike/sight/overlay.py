"""Overlays: whether what differs between two aligned pictures was laid over one of them.

Where a copy differs from its original, something was put over it: letters, a sticker, a band. Its most
frequent tone is rare in what it covers. Two fillings of one template differ in both directions alike: where
one has a letter, the other has none, and the other way round. So the most frequent tone of each picture where
they differ is looked for in the other one, at the same pixels.

Two pictures may also share a ground and have something laid over each: two screens with other icons, or two
moments before one camera. They are not copies of each other, and the edges of what was laid tell them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.sight.evidence import Mask

Field = NDArray[np.float32]

OTHER = 24.0  # levels by which a pixel must differ to count
_FEWEST = 30  # least number of pixels that differ
_COVERED = 0.2  # least share of the area of the differing windows that these pixels take

# The overlay's most frequent tone.
NEAR = 20  # levels around a tone that count as the tone
_LEAST = 0.2  # least share of the differing pixels that have it
_TIMES = 6.0  # how many times as frequent it must be as at the same pixels of the other picture
_FLAT_NEAR, _FLAT = 4, 0.18
"""Least share of the differing pixels that is within 4 levels of one tone: a sticker or a letter is flat, an
animal is not."""

_ONE_WAY = 0.9  # least share of the differing pixels that are all lighter, or all darker, under an overlay

_ENDS = 1.6
"""How many times as steep one picture is as the other around a place where they differ, if that place was
laid over the one. Of 210 copies with text or stickers, one had such places on both sides."""

_BOTH = 0.03  # least share of what differs that lies over each of two pictures, if over both
_APART = 5  # pixels up to which two places are one: a sticker falls to pieces where it has its ground's tone

# Marks of its own on a plain ground that both pictures have, as two captions on white.
_LOOSE = 0.4  # least share of a mark that differs: what goes on beyond was there before
_OF_ITS_OWN = 0.05
"""Share of the differing pixels that such marks must take in each picture. Of 14 pairs of one photo with two
captions that passed for copies at 256 pixels, 10 had more; of 750 copies of photos with captions, stickers or
letters laid over them, 7 had."""

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
    matched = adjusted(first, second, agreeing)
    other = differing & (np.abs(matched - second) > OTHER)
    if other.sum() < max(_FEWEST, _COVERED * differing.sum()):
        return False
    sides = matched[other], second[other]
    flat = any(_few_tones(side, 1, _FLAT_NEAR)[1] >= _FLAT for side in sides)
    foreign = flat and (_foreign(*sides) or _foreign(*sides[::-1]))
    return foreign and not over_both(matched, second, differing)


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


def over_both(first: Field, second: Field, differing: Mask) -> bool:
    """Whether something was laid over each of two pictures.

    What is laid over a picture ends on the line where the pictures begin to agree: the one breaks off there,
    and the other, which it covers, goes on. So each place that differs tells which of them it was laid over,
    unless both are about as steep there.

    Args:
        first: as for ``laid_over``, at the brightness and contrast of ``second``.
        second: as for ``laid_over``.
        differing: as for ``laid_over``.
    """
    other = np.abs(first - second) > OTHER
    around = cv2.dilate(other.astype(np.uint8), np.ones((_APART, _APART), np.uint8))
    count, together = cv2.connectedComponents(around)
    places = np.where(other, together, 0)
    areas = np.bincount(places.ravel(), minlength=count)
    chosen = (np.bincount(places[differing], minlength=count) > 0) & (areas >= _FEWEST)
    chosen[0] = False  # where they agree
    steep = [_steepness(field, places, count) for field in (first, second)]
    sides = chosen & (steep[0] > _ENDS * steep[1]), chosen & (steep[1] > _ENDS * steep[0])
    return bool(min(int(areas[side].sum()) for side in sides) > _BOTH * areas[chosen].sum())


def marked_each(first: Field, second: Field, differing: Mask) -> bool:
    """Whether each of two pictures has marks of its own where the other has only the plain ground.

    What is laid over a picture hides what is there, and what is hidden in part goes on beside it. Letters of
    two captions do not: they stand alone on the white that both pictures have.

    Args:
        first: as for ``laid_over``, at the brightness and contrast of ``second``.
        second: as for ``laid_over``.
        differing: as for ``laid_over``.
    """
    other = differing & (np.abs(first - second) > OTHER)
    if other.sum() < _FEWEST:
        return False
    for lighter_or_darker in (np.maximum, np.minimum):
        tone = float(np.median(lighter_or_darker(first, second)[other]))
        marked = np.abs(first - tone) > OTHER, np.abs(second - tone) > OTHER
        shares = [
            float((_loose(mine, other) & ~others).sum()) / float(other.sum())
            for mine, others in (marked, marked[::-1])
        ]
        if min(shares) >= _OF_ITS_OWN:
            return True
    return False


def _loose(marked: Mask, other: Mask) -> Mask:
    """The differing pixels of those marks that differ nearly as a whole."""
    count, marks = cv2.connectedComponents(marked.astype(np.uint8))
    areas = np.bincount(marks.ravel(), minlength=count)
    loose = np.bincount(marks[other], minlength=count) >= _LOOSE * areas
    loose[0] = False  # the ground
    return np.asarray(other & loose[marks])


def _steepness(field: Field, places: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """The steps of a field across the edge of each place, added up.

    Args:
        field: (height, width) float32.
        places: (height, width), the number of the place of each pixel; 0 is what lies between them.
        count: of places, with 0.

    Returns:
        (count,), in the order of the numbers.
    """
    total = np.zeros(count)
    for levels, numbers in ((field, places), (field.T, places.T)):
        edge = numbers[1:] != numbers[:-1]
        place = np.maximum(numbers[1:], numbers[:-1])[edge]
        total += np.bincount(place, np.abs(levels[1:] - levels[:-1])[edge], minlength=count)
    return total


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
