"""Parallax: whether two pictures are two photos of one scene, taken from two places.

A copy is the original, moved as a whole: turned, cropped, scaled, tilted. Between two photos that were taken
one after the other by hand, what is near has moved by more than what is far. So each small patch of the one
is followed into the other. What is left after the movement of the whole is noise in a copy, which has another
direction in each patch; in two photos, neighbouring patches have moved together.
"""

from __future__ import annotations

import cv2
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.sight.windows import Laid

_PATCH = 15  # pixels a side of a patch
_APART = 12  # pixels a side of the cells of which each gives its best patch
_CORNER = 2e-4  # least eigenvalue by which a patch can be followed in both directions
_FEWEST = 40  # patches that say something
_WITHIN = 0.7  # pixels that a patch may lie beside the movement of the whole
_LOST = 4.0  # pixels from which it was not followed, but mistaken
_MOST = 2.0  # pixels that one patch counts at most
_NEAR, _FAR = 14.0, 26.0  # pixels between neighbours: nearer ones share pixels, and so their noise
_TOGETHER = 0.2
"""Pixels that neighbours must have moved together, as a root mean square, and the share that this must be of
all that is left, both as mean squares. Of 77 pairs of photos of shelves, taken by hand, 64 have both."""


def from_two_places(laid: Laid) -> bool:
    """Whether neighbouring patches of two pictures have moved together, apart from the whole.

    Args:
        laid: two pictures, laid on each other.
    """
    patches = _followed(laid)
    if len(patches) < _FEWEST:
        return False
    places, targets = patches[:, :2], patches[:, 2:]
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


def _followed(laid: Laid) -> Vectors:
    """Patches of the picture of the frame, and where the other one shows them: (n, 4) float32, x and y twice.

    By Lucas and Kanade's method (Bouguet, Intel 2000).
    """
    base, moved, inside = laid.alike()
    corner = np.asarray(cv2.cornerMinEigenVal(base, _PATCH), np.float32)
    corner[~inside] = 0
    places = _best_of_cells(corner)
    if len(places) < _FEWEST:
        return np.empty((0, 4), np.float32)
    targets, found, _ = cv2.calcOpticalFlowPyrLK(
        base, moved, places, places.copy(), winSize=(_PATCH, _PATCH), maxLevel=1, criteria=(3, 10, 0.03)
    )
    return np.asarray(np.column_stack([places, targets])[found.ravel() > 0], np.float32)


def _best_of_cells(corner: Vectors) -> Vectors:
    """The pixel of each cell that can be followed best, if it can be: (n, 2) float32, x and y."""
    rows, columns = (side // _APART for side in corner.shape)
    if not rows or not columns:
        return np.empty((0, 2), np.float32)
    split = corner[: rows * _APART, : columns * _APART].reshape(rows, _APART, columns, _APART)
    cells = split.transpose(0, 2, 1, 3).reshape(rows * columns, -1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    down, across = np.divmod(cells.argmax(axis=1), _APART)
    places = np.column_stack([column * _APART + across, row * _APART + down])
    return np.asarray(places[cells.max(axis=1) > _CORNER], np.float32)
