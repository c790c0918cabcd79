"""Moved parts: whether a part of one picture has moved against all the rest of it.

A copy is the original, moved as a whole. Between two photos that one camera took one after the other, the
wall lies exactly on the wall, and the speaker has moved: by so little, perhaps, that each small window of him
is still alike. So small patches are followed from the one photo to the other. If neighbouring patches have
moved together while the rest has not moved at all, the two are two moments.

Clouds are too faint to be followed so. They are followed where both photos have the same contrast everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.kernels.quantiles import median
from lookalike.sight.alignment import reducing
from lookalike.sight.evidence import Mask
from lookalike.sight.keypoints import Grey
from lookalike.sight.patches import PATCH, followed, patches_of
from lookalike.sight.windows import Laid

_SIDE, _EVENED_SIDE = 512, 256
"""Pixels on the longer side of the pictures in which patches are followed as they are, and evened."""

# Evening the contrast, for what is faint.
_SOFT = 1.5  # pixels by which a picture is blurred before
_WIDE = 10.0  # pixels around a place from which its contrast is measured
_FAINT = 1.0  # deviation, in levels, up to which there is only noise
_EVEN = 40.0  # deviation, in levels, that every place has afterwards

# Following patches.
_APART = 10  # pixels a side of the cells of which each gives its best patch
_FEWEST = 40  # least number of patches that say something
_WITHIN = 0.5  # pixels that a patch may lie beside the movement of the whole
_BACK = 0.25  # pixels by which a patch that is followed there and back may miss its place
_KEPT, _EVENED_KEPT = 0.85, 0.9  # least share of the patches that come back, as they are and evened
_REST = 0.3  # pixels that the median patch may lie beside the movement of the whole

# A patch has moved against the whole if all of this holds.
_MOVED, _TIMES = 0.6, 4.0  # it lies 0.6 pixels beside it, and 4 times as far as the median patch
_LIKE = 0.93  # it correlates so well with the place where it went
_LIKER = 0.5  # most of its unlikeness there, as a share of that at the place where it would have stayed
_NEAR = 50.0  # pixels up to which patches are neighbours
_TOGETHER = 0.35  # share of the longer of two steps by which two steps of one movement may differ
_SOME, _MANY = 4, 6
"""A part has moved if at least 6 patches have, each together with 3 of its neighbours (4 with itself). In 6
of 7 pairs of frames of a speaker that was so; in 375 copies of 25 pictures, made in 15 ways, at most four
neighbours had moved where the rest was exact."""

_APART_MANY = 10
"""If the contrast is evened, 10 such patches that do not overlap. In a copy after a median filter there were
7, and in copies with more contrast 2, where no cloud was."""


def moved_part(laid: Laid) -> Mask | None:
    """Where a part of one photo has moved against the rest.

    Args:
        laid: two photos, laid on each other.

    Returns:
        (height, width) bool in the frame of ``laid``; None if nothing has moved, or if that cannot be told
        since the rest is not exact.
    """
    small, share = _reduced(laid, _SIDE)
    places = _moved_places(*small.alike(), _KEPT)
    return None if len(places) < _MANY else _around(places / share, laid.base.shape, PATCH / share)


def drifted_part(laid: Laid) -> Mask | None:
    """Where faint things, such as clouds, have moved against the rest.

    Args:
        laid: as for ``moved_part``.

    Returns:
        as ``moved_part``.
    """
    small, share = _reduced(laid, _EVENED_SIDE)
    base, moved, inside = small.alike()
    places = _moved_places(_evened(base), _evened(moved), inside, _EVENED_KEPT)
    apart: list[Vectors] = []
    for place in places:
        if all(np.hypot(*(place - other)) >= PATCH for other in apart):
            apart.append(place)
    return None if len(apart) < _APART_MANY else _around(places / share, laid.base.shape, PATCH / share)


def _evened(picture: Grey) -> Grey:
    """The picture with the same contrast everywhere, but for what is fainter than noise."""
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SOFT)
    off = soft - cv2.GaussianBlur(soft, (0, 0), _WIDE)
    deviation = np.sqrt(cv2.GaussianBlur(off * off, (0, 0), _WIDE) + _FAINT**2)
    return np.asarray(np.clip(128 + _EVEN * off / deviation, 0, 255), np.uint8)


def _moved_places(base: Grey, moved: Grey, inside: Mask, least: float) -> Vectors:
    """The middles of the patches that have moved together, (n, 2) float32; none if the rest is not exact.

    Args:
        base: (height, width) uint8.
        moved: as ``base``, and laid on it.
        inside: (height, width) bool: where both are there.
        least: share of the patches that must come back when they are followed there and back.
    """
    none = np.empty((0, 2), np.float32)
    inside = cv2.erode(inside.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    places = patches_of(base, inside, _APART)
    if len(places) < _FEWEST:
        return none
    targets, there = followed(base, moved, places)
    returned, back = followed(moved, base, targets)
    kept = there & back & (np.linalg.norm(returned - places, axis=1) < _BACK)
    if kept.sum() < max(_FEWEST, least * len(places)):
        return none
    places, targets = places[kept], targets[kept]
    whole, _ = cv2.findHomography(places, targets, cv2.RANSAC, _WITHIN, maxIters=200)
    if whole is None:
        return none
    expected = cv2.perspectiveTransform(places[:, None], whole)[:, 0]
    far = np.linalg.norm(targets - expected, axis=1)
    rest = median(far)
    chosen = np.flatnonzero(far >= max(_MOVED, _TIMES * rest))
    if rest > _REST or not len(chosen):
        return none
    went = _likeness(base, moved, places[chosen], targets[chosen])
    stayed = _likeness(base, moved, places[chosen], expected[chosen])
    chosen = chosen[(went >= _LIKE) & (1 - went <= _LIKER * (1 - stayed))]
    chosen = chosen[_together(places[chosen], (targets - expected)[chosen]) >= _SOME]
    return np.asarray(places[chosen], np.float32)


def _reduced(laid: Laid, side: int) -> tuple[Laid, float]:
    """Both pictures reduced alike, so that the frame has so many pixels a side at most, and by how much."""
    share = min(1.0, side / max(laid.base.shape))
    if share == 1:
        return laid, share
    base, moving = (
        np.asarray(cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
        for grey in (laid.base, laid.moving)
    )
    return Laid(base, moving, reducing(laid.matrix, share), laid.onto_second), share


def _likeness(base: Grey, moved: Grey, places: Vectors, targets: Vectors) -> Vectors:
    """The correlation of each patch of ``base`` with that of ``moved`` at its target, (n,) float32."""
    like = np.zeros(len(places), np.float32)
    for number, pair in enumerate(zip(places, targets, strict=True)):
        sides = []
        for picture, place in zip((base, moved), pair, strict=True):
            seen = cv2.getRectSubPix(picture, (PATCH, PATCH), place.tolist()).astype(np.float32)
            seen -= seen.mean()
            sides.append(seen / max(float(np.linalg.norm(seen)), 1e-3))
        like[number] = (sides[0] * sides[1]).sum()
    return like


def _together(places: Vectors, steps: Vectors) -> Vectors:
    """With how many of its neighbours each patch moved, itself counted too: (n,)."""
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    unlike = np.linalg.norm(steps[:, None] - steps, axis=2)
    lengths = np.linalg.norm(steps, axis=1)
    one = unlike <= _TOGETHER * np.maximum(lengths[:, None], lengths)
    return np.asarray(((apart <= _NEAR) & one).sum(axis=1))


def _around(places: Vectors, shape: tuple[int, ...], side: float) -> Mask:
    """The pixels of squares around some places, in a frame of that shape."""
    where = np.zeros(shape, np.bool_)
    for x, y in places:
        top, left = max(0, round(y - side / 2)), max(0, round(x - side / 2))
        where[top : round(y + side / 2), left : round(x + side / 2)] = True
    return where
