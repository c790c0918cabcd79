"""The glance: whether keypoints can show one picture to be a copy of another, told by a few of them.

Most of the time of a second look goes into the keypoints of pictures that turn out to be strangers. At half
the size a picture has a third of them, in a quarter of the time. If a picture is a copy, some of these agree
on how it was moved; of strangers, hardly any two do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors
from lookalike.sight.alignment import like_pairs
from lookalike.sight.evidence import Mask
from lookalike.sight.keypoints import Grey, Keypoints, find_keypoints, mirrored_descriptors
from lookalike.sight.overlay import drawn

_HALF = 0.5
_FEW = 150  # keypoints of the edited picture, below which it may be a small part of the original, enlarged,
_FEW_AT_HALF = 25  # and of the original at half its size: then so few are in common that none may be found
_AGREE = 3  # pairs that agree with one of them on a movement, from which a picture may be a copy
_TURN, _SCALE = 25.0, 1.6  # degrees and times by which the movements of two such pairs may differ
_OFF, _SHARE = 6.0, 0.3  # pixels by which one may miss the other's place, or this share of their distance
_WINDOW, _SHOWS = 9, 16.0  # pixels of a window, and levels of deviation from which it shows something
_APART = 3.0  # pixels that two pairs lie apart; else they may be the same place, found twice


def keypoints_at_half(grey: Grey) -> Keypoints:
    """The keypoints of a picture at half its size, in pixels of the whole one.

    Args:
        grey: (height, width) uint8.
    """
    size = (max(1, round(_HALF * grey.shape[1])), max(1, round(_HALF * grey.shape[0])))
    found = find_keypoints(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA)))
    return Keypoints(found.places / _HALF, found.sizes / _HALF, found.angles, found.described)


def may_be_copy(original: Grey, at_half: Callable[[], Keypoints], edited: Sequence[Keypoints]) -> bool:
    """Whether it is worth to find all keypoints of a picture.

    Drawn pictures always are: they repeat their shapes, so that few keypoints stand out and none may agree.

    Args:
        original: (height, width) uint8.
        at_half: finds its keypoints at half its size.
        edited: all keypoints of the picture that may be an edited copy of it, and others of it in which they
            are looked for too: ``Sight.for_glances``.
    """
    if len(edited[0]) < _FEW or looks_drawn(original):
        return True
    found = at_half()
    if len(found) < _FEW_AT_HALF:
        return True
    both = ((False, found.descriptors), (True, mirrored_descriptors(found)))
    return any(
        _most_agreeing(found, some, mirror, described @ some.descriptors.T) >= _AGREE
        for some in edited
        for mirror, described in both
    )


def looks_drawn(picture: Grey) -> bool:
    """Whether a picture, (height, width) uint8, is drawn, and no photo."""
    return drawn(picture.astype(np.float32), _busy(picture))


def _most_agreeing(first: Keypoints, second: Keypoints, mirror: bool, likeness: Vectors) -> int:
    """The most pairs of like keypoints that agree with one of them on how the picture was moved.

    Each pair tells a whole movement by its places, sizes and angles (Lowe, IJCV 2004, section 7.3).

    Args:
        first: of the original.
        second: of the edited picture.
        mirror: whether the original is mirrored before.
        likeness: (n, m) float32, cosines of the descriptors.
    """
    start, end = like_pairs(likeness)
    places, angles = first.places[start], first.angles[start]
    if mirror:
        places, angles = places * np.array([-1, 1], np.float32), 180 - angles
    scales, turns = second.sizes[end] / first.sizes[start], second.angles[end] - angles
    steps, targets = _steps(places), _steps(second.places[end])
    moved = (scales * np.exp(1j * np.deg2rad(turns)))[:, None] * steps
    apart = np.abs(targets)
    near = np.abs(moved - targets) <= np.maximum(_OFF, _SHARE * apart)
    near &= (np.abs(steps) >= _APART) & (apart >= _APART)
    near &= np.abs((turns - turns[:, None] + 180) % 360 - 180) <= _TURN
    near &= np.abs(np.log(scales / scales[:, None])) <= np.log(_SCALE)
    return int(near.sum(axis=1).max(initial=0)) + 1


def _steps(places: Vectors) -> NDArray[np.complex64]:
    """From each place, by row, to each other one, (n, n); x is the real part."""
    points = places[:, 0] + np.complex64(1j) * places[:, 1]
    return np.asarray(points - points[:, None], np.complex64)


def _busy(grey: Grey) -> Mask:
    """The pixels in whose window a picture shows something."""
    field = grey.astype(np.float32)
    mean, squares = (cv2.boxFilter(one, -1, (_WINDOW, _WINDOW)) for one in (field, field * field))
    return np.asarray(squares - mean * mean > _SHOWS**2)
