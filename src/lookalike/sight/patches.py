"""Patches: small squares of one picture, followed into another one that lies on it."""

from __future__ import annotations

import cv2
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.sight.evidence import Mask
from lookalike.sight.keypoints import Grey

PATCH = 15
"""Pixels a side of a patch."""

_CORNER = 2e-4  # least eigenvalue by which a patch can be followed in both directions


def patches_of(picture: Grey, inside: Mask, apart: int) -> Vectors:
    """The middle of the patch of each cell that can be followed best, if it can be.

    Args:
        picture: (height, width) uint8.
        inside: (height, width) bool: where the middle of a patch may lie.
        apart: pixels a side of a cell.

    Returns:
        (n, 2) float32, x and y.
    """
    corner = np.asarray(cv2.cornerMinEigenVal(picture, PATCH), np.float32)
    corner[~inside] = 0
    rows, columns = (side // apart for side in corner.shape)
    if not rows or not columns:
        return np.empty((0, 2), np.float32)
    split = corner[: rows * apart, : columns * apart].reshape(rows, apart, columns, apart)
    cells = split.transpose(0, 2, 1, 3).reshape(rows * columns, -1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    down, across = np.divmod(cells.argmax(axis=1), apart)
    places = np.column_stack([column * apart + across, row * apart + down])
    return np.asarray(places[cells.max(axis=1) > _CORNER], np.float32)


def followed(picture: Grey, other: Grey, places: Vectors) -> tuple[Vectors, Mask]:
    """Where another picture shows the patches, by Lucas and Kanade's method (Bouguet, Intel 2000).

    Args:
        picture: (height, width) uint8.
        other: as ``picture``, and laid on it.
        places: (n, 2) float32, x and y, of patches of ``picture``; one at least.

    Returns:
        their places in the other one, (n, 2) float32, and whether they were found there, (n,) bool.
    """
    targets, found, _ = cv2.calcOpticalFlowPyrLK(
        picture, other, places, places.copy(), winSize=(PATCH, PATCH), maxLevel=1, criteria=(3, 10, 0.03)
    )
    return np.asarray(targets, np.float32), np.asarray(found.ravel() > 0)
