"""Alignments: movements that may lay one picture on another, guessed from keypoints."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors
from lookalike.sight.evidence import Matrix
from lookalike.sight.keypoints import Grey, Keypoints, mirrored_descriptors

COARSE = 0.25
"""Size of the pictures on which movements are tried first."""

Rows = NDArray[np.intp]
Places = NDArray[np.float64]
"""Places in a picture, (n, 2) float64: x and y in pixels."""

_RATIO = 0.8
_WITHIN = 4.0  # pixels that an inlier may lie beside its place
_TILT = 24.0  # pixels that a perspective may move a keypoint
_FEWEST = 4  # inliers of a movement that turns, scales and shifts,
_FREE = 10  # and of one that also shears and stretches, or tilts
_STRETCHED = 1.6  # how many times as much a movement may stretch one way as another
_MODELS = 2  # movements tried per mirror state: a collage can show two parts of one picture
_SCALES = (1 / 12, 12.0)
_LEAST_LIKE = 0.2  # correlation at a quarter of the size from which a movement is worth measuring
_STEPS = 10  # steps by which an alignment is refined at most


class Alignment(NamedTuple):
    """One movement that may lay the first picture on the second.

    Attributes:
        matrix: (3, 3) float64, first to second, in pixels.
        inliers: number of pairs of keypoints that agree with it; 0 if it lays frame on frame.
    """

    matrix: Matrix
    inliers: int

    @property
    def scale(self) -> float:
        """How many times as long a line is in the second picture as in the first."""
        return math.sqrt(abs(float(np.linalg.det(self.matrix[:2, :2]))))

    def corners(self, shape: tuple[int, ...]) -> Places:
        """Where the corners of the first picture, (height, width, ...), come to lie: (4, 2) float64."""
        tall, wide = shape[:2]
        frame = np.array([[0, 0, 1], [wide, 0, 1], [wide, tall, 1], [0, tall, 1]]) - [0.5, 0.5, 0]
        laid = frame @ self.matrix.T
        return np.asarray(laid[:, :2] / np.where(np.abs(laid[:, 2:]) < 1e-9, 1e-9, laid[:, 2:]), np.float64)

    @property
    def mirrored(self) -> bool:
        """Whether the movement mirrors."""
        return bool(np.linalg.det(self.matrix[:2, :2]) < 0)


def by_keypoints(first: Keypoints, second: Keypoints) -> Iterator[Alignment]:
    """Movements that several pairs of like keypoints agree on, in both mirror states.

    Pairs pass the ratio test (Lowe 2004, section 7.1); RANSAC finds what they agree on within 4 pixels, and
    once more among the pairs that are left.

    Yields:
        Alignments with at least 4 inliers.
    """
    if min(len(first), len(second)) < _FEWEST:
        return
    targets = second.descriptors
    for mirror in (False, True):
        descriptors = mirrored_descriptors(first) if mirror else first.descriptors
        start, end = like_pairs(descriptors @ targets.T)
        unmirror = np.diag([-1.0 if mirror else 1.0, 1.0, 1.0])
        places = first.places[start] * np.float32(unmirror.diagonal()[:2])
        for alignment in _agreed(places, second.places[end]):
            yield Alignment(alignment.matrix @ unmirror, alignment.inliers)


def _agreed(places: Vectors, targets: Vectors) -> Iterator[Alignment]:
    """Movements that turn, scale and shift; and for each one that also tilts, if pairs agree with that."""
    for _ in range(_MODELS):
        if len(places) < _FEWEST:
            return
        matrix, inside = cv2.estimateAffinePartial2D(
            places, targets, method=cv2.RANSAC, ransacReprojThreshold=_WITHIN, maxIters=1000
        )
        if matrix is None:
            return
        chosen = inside.ravel().astype(bool)
        count = _distinct(places[chosen], targets[chosen])
        alignment = Alignment(_freed(places[chosen], targets[chosen], np.asarray(matrix, np.float64)), count)
        if count >= _FEWEST and _SCALES[0] <= alignment.scale <= _SCALES[1]:
            yield alignment
            yield from _tilted(places, targets, alignment)
        places, targets = places[~chosen], targets[~chosen]


def _tilted(places: Vectors, targets: Vectors, alignment: Alignment) -> Iterator[Alignment]:
    """The movement with a perspective, as of a photo of the picture, if that explains more pairs."""
    off = np.linalg.norm(cv2.transform(places[:, None], alignment.matrix[:2])[:, 0] - targets, axis=1)
    near = off <= _TILT
    if near.sum() < 2 * _FREE:
        return
    matrix, inside = cv2.findHomography(places[near], targets[near], cv2.RANSAC, _WITHIN / 2)
    if matrix is None or abs(matrix[2, :2]).sum() * _TILT > 0.1:
        return
    chosen = inside.ravel().astype(bool)
    count = _distinct(places[near][chosen], targets[near][chosen])
    if count >= _FREE and off[near][chosen].max() > _WITHIN / 2:
        yield Alignment(matrix, count)


def plausible(first: Grey, second: Grey, alignment: Alignment) -> bool:
    """Whether two pictures, laid on each other at a quarter of their size, are at all alike.

    It costs a fiftieth of measuring their agreement, and most movements that a few keypoints agree on by
    chance do not pass.

    Args:
        first: (height, width) uint8, reduced by ``COARSE``.
        second: as ``first``.
        alignment: of the pictures at their full size.
    """
    matrix = reducing(alignment.matrix, COARSE)
    size = (second.shape[1], second.shape[0])
    inside = cv2.warpPerspective(np.ones_like(first), matrix, size, flags=cv2.INTER_NEAREST) > 0
    if not inside.any():
        return False
    moved = np.asarray(cv2.warpPerspective(first, matrix, size), np.uint8)
    if _alike(moved[inside], second[inside]):
        return True
    band = len(second) // 8
    if alignment.inliers or not band:
        return False
    return any(_alike(moved[rows], second[rows]) for rows in (slice(band, None), slice(None, -band)))


def _alike(first: Grey, second: Grey) -> bool:
    """Whether the pixels correlate at all."""
    one, other = first.astype(np.float32).ravel(), second.astype(np.float32).ravel()
    one -= one.mean()
    other -= other.mean()
    return float(one @ other) >= _LEAST_LIKE * float(np.linalg.norm(one) * np.linalg.norm(other))


def refined(first: Grey, second: Grey, alignment: Alignment, size: float) -> Alignment | None:
    """Move an alignment by a few pixels, or by fractions of one, to where the pictures correlate best.

    By enhanced correlation (Evangelidis and Psarakis, PAMI 2008): an affine movement, or one with a
    perspective if the alignment has one.

    Args:
        first: (height, width) uint8.
        second: (height, width) uint8.
        alignment: lays ``first`` on ``second``, nearly.
        size: by which both are reduced before; half the size costs a quarter and reaches twice as far.

    Returns:
        None if it does not settle.
    """
    small = [
        cv2.resize(grey, None, fx=size, fy=size, interpolation=cv2.INTER_AREA) for grey in (first, second)
    ]
    back = np.linalg.inv(reducing(alignment.matrix, size))
    back /= back[2, 2]
    tilted = bool(np.abs(back[2, :2]).max() > 1e-6)
    mode = cv2.MOTION_HOMOGRAPHY if tilted else cv2.MOTION_AFFINE
    start = back.astype(np.float32) if tilted else back[:2].astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-4)
    try:
        _, found = cv2.findTransformECC(small[1], small[0], start, mode, stop)
    except cv2.error:  # so it says that the pictures do not correlate
        return None
    whole = np.asarray(found if tilted else np.vstack([found, [0, 0, 1]]), np.float64)
    if not np.isfinite(whole).all() or abs(np.linalg.det(whole)) < 1e-6:
        return None
    return Alignment(reducing(np.linalg.inv(whole), 1 / size), alignment.inliers)


def reducing(matrix: Matrix, size: float) -> Matrix:
    """The same movement of both pictures reduced by ``size``, which is below 1, or enlarged."""
    reduce = stretching(size, size)
    return reduce @ matrix @ np.linalg.inv(reduce)


def like_pairs(likeness: Vectors) -> tuple[Rows, Rows]:
    """Rows and columns that are like each other, and like nothing else on one side at least.

    None is in two pairs: else movements that shrink everything to one point would find support.

    Args:
        likeness: (n, m) float32, cosines of two pictures' descriptors.
    """
    start, end = _unlike_others(likeness)
    back_end, back_start = _unlike_others(np.ascontiguousarray(likeness.T))
    both = np.column_stack([[*start, *back_start], [*end, *back_end]]).astype(np.intp)
    both = both[np.argsort(-likeness[both[:, 0], both[:, 1]], kind="stable")]
    for side in (0, 1):
        both = both[_first_of_each(both[:, side])]
    return both[:, 0], both[:, 1]


def _unlike_others(likeness: Vectors) -> tuple[Rows, Rows]:
    """Rows whose best column stands out from the next best by the ratio test, and that column."""
    best = likeness.argmax(axis=1)
    rows = np.arange(len(likeness))
    others = likeness.copy()
    others[rows, best] = -1
    near, next_near = (np.maximum(1 - most, 0) for most in (likeness[rows, best], others.max(axis=1)))
    kept = np.flatnonzero(
        near <= _RATIO**2 * next_near
    )  # unit vectors: the square of their distance is 2 - 2x
    return kept, best[kept]


def _distinct(places: Vectors, targets: Vectors) -> int:
    """Number of pairs after those are counted once that lie within 2 pixels of each other, on both sides."""
    # A set, not np.unique, which makes numpy import its masked arrays: a tenth of what importing numpy takes.
    return min(len({*map(tuple, np.round(side / 2).tolist())}) for side in (places, targets))


def _first_of_each(values: Rows) -> Rows:
    """Where each value, of (n,) intp, comes first: (m,), ascending."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.ones(len(values), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.sort(order[new])


def _freed(places: Vectors, targets: Vectors, matrix: Matrix) -> Matrix:
    """Let a movement shear and stretch too, if there are pairs enough to tell that from chance.

    Args:
        places: (n, 2) float32, inliers of the movement.
        targets: (n, 2) float32.
        matrix: (2, 3) float64.
    """
    last = np.array([[0, 0, 1.0]])
    if len(places) >= _FREE:
        ones = np.column_stack([places, np.ones(len(places))]).astype(np.float64)
        free, _, rank, _ = np.linalg.lstsq(ones, targets.astype(np.float64), rcond=None)
        if rank == 3:
            sizes = np.linalg.svd(free[:2], compute_uv=False)
            if sizes[0] <= _STRETCHED * sizes[1]:
                matrix = free.T
    return np.vstack([matrix, last])


def stretching(across: float, down: float) -> Matrix:
    """The movement of a picture that is resized; (0, 0) is the middle of the first pixel in both."""
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1.0]])
