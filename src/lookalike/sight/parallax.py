"""Parallax: whether two pictures are two photos of one scene, taken from two places.

A copy is the original, moved as a whole: turned, cropped, scaled, tilted. Between two photos that were taken
one after the other by hand, what is near has moved by more than what is far. So each small patch of the one
is followed into the other. What is left after the movement of the whole is noise in a copy, which has another
direction in each patch; in two photos, neighbouring patches have moved together.
"""

from __future__ import annotations

import cv2
import numpy as np

from lookalike.sight.patches import followed, patches_of
from lookalike.sight.windows import Laid

_APART = 12  # pixels a side of the cells of which each gives its best patch
_FEWEST = 40  # least number of patches that say something
_WITHIN = 0.7  # pixels that a patch may lie beside the movement of the whole
_LOST = 4.0  # pixels beside it from which a patch was mistaken for another one
_MOST = 2.0  # most pixels that one patch counts
_NEAR, _FAR = 14.0, 26.0  # pixels between neighbours: nearer ones share pixels, and so their noise
_TOGETHER = 0.2
"""Neighbours have moved together if they did so by 0.2 pixels (root mean square), and if the square of that
is 0.2 of the mean square of all movements that are left. In 64 of 77 pairs of photos of shelves, taken by
hand, both is so."""


def from_two_places(laid: Laid) -> bool:
    """Whether neighbouring patches of two pictures have moved together, apart from the whole.

    Args:
        laid: two pictures, laid on each other.
    """
    base, moved, inside = laid.alike()
    places = patches_of(base, inside, _APART)
    if len(places) < _FEWEST:
        return False
    targets, found = followed(base, moved, places)
    places, targets = places[found], targets[found]
    if len(places) < _FEWEST:
        return False
    whole, _ = cv2.findHomography(places, targets, cv2.RANSAC, _WITHIN, maxIters=200)
    if whole is None:
        return False
    left = targets - cv2.perspectiveTransform(places[:, None], whole)[:, 0]
    size = np.linalg.norm(left, axis=1)
    kept = size < _LOST
    if kept.sum() < _FEWEST:
        return False
    left, size, places = left[kept], size[kept], places[kept]
    left = left * np.minimum(1, _MOST / np.maximum(size, 1e-6))[:, None]
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    neighbours = (apart >= _NEAR) & (apart <= _FAR)
    if not neighbours.any():
        return False
    # The mean product of two errors without a common cause is 0.
    together = float((left @ left.T)[neighbours].mean())
    return together >= max(_TOGETHER**2, _TOGETHER * float(np.square(left).sum(axis=1).mean()))
