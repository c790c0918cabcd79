"""Outlines: whether what differs between two photos was laid over one of them, told by where it ends.

Stickers of many colours and thin letters have no tone that tells them from what they cover, as ``overlay``
asks for. But all around them the two pictures agree to the pixel, as photos of two things hardly ever do. And
along their outline only the one picture breaks off, while the covered one goes on: it has no more edges there
than farther out. Where something was laid over each of two pictures, or a thing has moved from one place to
another, each breaks off along some outlines. Where two pictures are set into one frame, both break off.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.quantiles import percentile
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import OTHER, Field, adjusted, drawn
from lookalike.sight.windows import Windows, at_pixels, spread

# The places where two pictures differ.
_CLOSED = 5  # pixels up to which two places are one: a sticker falls to pieces where it has its ground's tone
_FEWEST = 30  # least pixels of a place
_MOST = 0.4  # share of the frame that all places together may take

# The pictures agree around the places.
_BESIDE = 5  # pixels beside a place that are left out, since blurring mixes the place into them
_AROUND = 50  # least number of windows beyond these pixels that show something
_WORST, _EXACT = 5, 0.9  # all of these windows but 5 per cent must correlate by 0.9

# Along the outlines of the places one picture breaks off while the other one goes on.
_GAP = 3  # pixels from the inner side of an outline to its outer side
_CUT = 0.25  # least share of the outlines along which that must be so
_TIMES = 5.0  # least ratio of that share to the share along which it is the other way round
_BOTH = 0.03  # share of the places' area that may seem to be laid over the other picture

# The covered picture is no steeper along the outlines than farther out.
_FARTHER = (5, 9)  # pixels from a place to the outlines farther out
_MORE = 0.12  # how much larger its steep share may be along the outlines than farther out

Lengths = NDArray[np.float64]
"""Pixels of outline along which the first picture breaks off and the second goes on, the other way round, and
all, (3,) or (3, places)."""


def ends_on_one(first: Field, second: Field, windows: Windows) -> bool:
    """Whether two photos are the same to the pixel, but for places that were laid over one of them.

    Args:
        first: (height, width) float32, 0 to 255, not blurred.
        second: as ``first``, and laid on it.
        windows: of both.
    """
    same = spread(windows.shows & ~windows.other, first.shape)
    if not same.any() or drawn(first, same) or drawn(second, same):
        return False
    matched = adjusted(first, second, same)
    count, places = _places(np.abs(matched - second) > OTHER, spread(windows.other, first.shape))
    covered = places > 0
    if not covered.any() or covered.mean() > _MOST or not _same_around(covered, windows):
        return False
    lengths = _lengths(matched, second, places, count)
    one, other, whole = lengths.sum(axis=1)
    if max(one, other) < _CUT * whole or max(one, other) < _TIMES * min(one, other):
        return False
    if not _goes_on(second if one > other else matched, covered):
        return False
    areas = np.bincount(places.ravel(), minlength=count)
    against = lengths[1] > lengths[0] if one > other else lengths[0] > lengths[1]
    against[0] = False  # what lies between them
    return bool(areas[against].sum() <= _BOTH * covered.sum())


def _places(different: Mask, differing: Mask) -> tuple[int, NDArray[np.int32]]:
    """The places where two pictures differ, with what they enclose, in windows that differ.

    Returns:
        one more than the greatest number of a place, and (height, width) the number at each pixel; 0 is none.
    """
    around = np.ones((_CLOSED, _CLOSED), np.uint8)
    closed = cv2.morphologyEx(different.astype(np.uint8), cv2.MORPH_CLOSE, around)
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(closed), outlines, -1, 1, cv2.FILLED)
    count, places = cv2.connectedComponents(filled)
    kept = np.bincount(places[differing], minlength=count) > 0
    kept &= np.bincount(places.ravel(), minlength=count) >= _FEWEST
    return count, np.where(kept[places], places, 0)


def _same_around(covered: Mask, windows: Windows) -> bool:
    """Whether the pictures agree to the pixel beyond what is covered."""
    side = 2 * _BESIDE + 1
    near = cv2.dilate(covered.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    around = windows.likeness[windows.shows & ~at_pixels(near)]
    return around.size >= _AROUND and percentile(around, _WORST) >= _EXACT


def _goes_on(below: Field, covered: Mask) -> bool:
    """Whether the covered picture is no steeper along the outline than along outlines farther out."""
    farther = []
    for far in _FARTHER:
        around = np.ones((2 * far + 1, 2 * far + 1), np.uint8)
        farther.append(_steep_share(below, cv2.dilate(covered.astype(np.uint8), around) > 0))
    return _steep_share(below, covered) <= min(farther) + _MORE


def _steep_share(field: Field, inside: Mask) -> float:
    """The share of the outline of a region along which a field breaks off."""
    steep = whole = 0
    for region, levels in ((inside, field), (inside.T, field.T)):
        edge = _edges(region)
        steep += int((np.abs(levels[:-_GAP] - levels[_GAP:])[edge] > OTHER).sum())
        whole += int(edge.sum())
    return steep / max(whole, 1)


def _edges(numbers: NDArray[np.int32] | Mask) -> Mask:
    """Where the number changes once, from a pixel to that ``_GAP`` rows below, in the middle between them."""
    start, end = numbers[:-_GAP], numbers[_GAP:]
    before, after = numbers[1 : 1 - _GAP], numbers[_GAP - 1 : -1]
    return np.asarray((before != after) & (start == before) & (end == after))


def _lengths(first: Field, second: Field, places: NDArray[np.int32], count: int) -> Lengths:
    """How long the outline of each place is, and how much of it one of the pictures breaks off along."""
    lengths = np.zeros((3, count))
    for numbers, one, other in ((places, first, second), (places.T, first.T, second.T)):
        edge = _edges(numbers)
        place = np.maximum(numbers[:-_GAP], numbers[_GAP:])[edge]
        steep = [np.abs(side[:-_GAP] - side[_GAP:])[edge] > OTHER for side in (one, other)]
        for row, chosen in enumerate((steep[0] & ~steep[1], steep[1] & ~steep[0])):
            lengths[row] += np.bincount(place[chosen], minlength=count)
        lengths[2] += np.bincount(place, minlength=count)
    return lengths
