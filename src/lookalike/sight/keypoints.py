"""Keypoints: places in a picture that can be found again after it was moved, turned or scaled."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

Grey = NDArray[np.uint8]
"""A grey picture, (height, width) uint8."""

MOST = 300
"""Keypoints per picture. More cost more than they find: matching grows with their square."""

BYTES_EACH = 144
"""Memory of a keypoint: its descriptor and four numbers."""

_FAINTEST = 0.02  # half of OpenCV's own threshold, since small and soft pictures have few keypoints
_RIPPLES = 0.0236
"""Contrast above that of the ripples of plain ground. OpenCV looks closer at all that has half the threshold,
per layer, in whole levels: from 6/255 that is one level; below, none, which costs a page 3.8 ms more."""

_PLAIN = 0.3  # share of a picture that has one tone, from which it has plain ground: 95 % of drawn pages do
_ENOUGH = 40  # keypoints above the ripples, from which fainter ones are not looked for

CELLS, BINS = 4, 8
"""A SIFT descriptor: 4 x 4 cells of 8 directions each."""


_MIRRORED = (
    np.arange(CELLS * CELLS * BINS).reshape(CELLS, CELLS, BINS)[::-1, :, -np.arange(BINS) % BINS].ravel()
)
"""Where each entry of a mirrored descriptor comes from."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """The keypoints of one picture.

    Attributes:
        places: (n, 2) float32, x and y in pixels.
        sizes: (n,) float32, diameters in pixels.
        angles: (n,) float32, directions in degrees clockwise, 0 to 360.
        described: (n, 128) uint8, SIFT's descriptors as OpenCV rounds them: a quarter of what floats take.
    """

    places: Vectors
    sizes: Vectors
    angles: Vectors
    described: NDArray[np.uint8]

    def __len__(self) -> int:
        """How many keypoints there are."""
        return len(self.places)

    @property
    def descriptors(self) -> Vectors:
        """Root-SIFT, (n, 128) float32 of unit length."""
        return root_sift(self.described)


def root_sift(described: NDArray[np.uint8]) -> Vectors:
    """Make Root-SIFT of SIFT's descriptors, (n, 128): float32 of unit length.

    A dot product compares two of them by the Hellinger kernel (Arandjelović and Zisserman, CVPR 2012,
    section 2).
    """
    floats = described.astype(np.float32)
    totals = np.maximum(floats.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(floats / totals), np.float32)


def find_keypoints(grey: Grey) -> Keypoints:
    """Find at most ``MOST`` keypoints, the most marked ones.

    If a picture has plain ground, its faintest ones are left out, unless there are few.

    Args:
        grey: (height, width) uint8.
    """
    if _has_plain_ground(grey):
        found = _found(grey, _RIPPLES)
        if len(found) >= _ENOUGH:
            return found
    return _found(grey, _FAINTEST)


def _has_plain_ground(grey: Grey) -> bool:
    counts = np.bincount(grey.ravel(), minlength=256)
    return bool(np.convolve(counts, np.ones(3), "same").max() >= _PLAIN * grey.size)


def _found(grey: Grey, faintest: float) -> Keypoints:
    """The most marked keypoints by SIFT (Lowe, IJCV 2004), down to a contrast as a share of all levels."""
    finder = cv2.SIFT.create(MOST, contrastThreshold=faintest)
    found, described = finder.detectAndCompute(grey, None)
    if described is None:
        found, described = (), np.empty((0, CELLS * CELLS * BINS))
    facts = np.array([(*point.pt, point.size, point.angle) for point in found], np.float32).reshape(-1, 4)
    return Keypoints(facts[:, :2], facts[:, 2], facts[:, 3], described.astype(np.uint8))


def mirrored_descriptors(keypoints: Keypoints) -> Vectors:
    """The descriptors that the keypoints of the mirrored picture have, without describing it.

    A descriptor is laid out by the direction of its keypoint. Mirroring swaps what lies left and right of
    that direction: the rows of cells change their order, and an angle becomes its negative.

    Returns:
        (n, 128) float32, in the order of ``keypoints``.
    """
    return np.take(keypoints.descriptors, _MIRRORED, axis=1)
