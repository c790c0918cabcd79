"""Frames: movements that lay the whole of one picture on the whole of another, turned or mirrored.

They are guessed without keypoints, from both pictures at 48 pixels, which takes a hundredth of the time and
serves pages, icons and blurred pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Self

import cv2
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.sight.alignment import Alignment, stretching
from lookalike.sight.evidence import Matrix
from lookalike.sight.keypoints import Grey

_FRAME = 48  # pixels a side of the pictures that are compared frame on frame
_BAND = _FRAME // 8  # rows that a caption may hide
_PARTS = (slice(None), slice(_BAND, None), slice(None, -_BAND))
"""Rows by which a frame is compared: all of them, and all but a band along an edge."""

_LIKE = 0.3  # correlation from which a frame on a frame is worth a closer look
_STRETCH = 1.06  # how far the sides of two frames may differ in proportion


class Frame(NamedTuple):
    """A picture reduced to what frames are compared by.

    Attributes:
        shape: height and width of the picture, in pixels.
        parts: all of it, and all but a band along the upper or the lower edge: three arrays of 48 columns,
            float32, of mean 0 and deviation 1, without what is coarser than a sixth of the frame.
    """

    shape: tuple[int, int]
    parts: tuple[Vectors, ...]

    @classmethod
    def of(cls, grey: Grey) -> Self:
        """Reduce a picture, (height, width) uint8."""
        small = cv2.resize(grey, (_FRAME, _FRAME), interpolation=cv2.INTER_AREA).astype(np.float32)
        return cls((grey.shape[0], grey.shape[1]), tuple(_standardised(small[rows]) for rows in _PARTS))


def by_frames(first: Frame, second: Frame) -> Iterator[Alignment]:
    """Movements that lay the whole frame on the whole frame, in the eight ways to turn and mirror it.

    Yields:
        Alignments whose pictures are at all alike, the likest first, at most two.
    """
    found = []
    for turns in range(4):
        tall, wide = first.shape[::-1] if turns % 2 else first.shape
        proportion = wide / tall / (second.shape[1] / second.shape[0])
        if max(proportion, 1 / proportion) > _STRETCH:
            continue
        for mirror in (False, True):
            whole = first.parts[0][:, ::-1] if mirror else first.parts[0]
            moved = (np.rot90(whole, turns), *first.parts[1:])
            sides = zip(moved, second.parts[: 1 if turns or mirror else None], strict=False)
            found.append((max(float((one * other).mean()) for one, other in sides), turns, mirror))
    for likeness, turns, mirror in sorted(found, reverse=True)[:2]:
        if likeness >= _LIKE:
            yield Alignment(frame_matrix(first.shape, second.shape, turns, mirror), 0)


def frame_matrix(first: tuple[int, ...], second: tuple[int, ...], turns: int, mirror: bool) -> Matrix:
    """The movement of ``np.rot90(first[:, ::-1] if mirror else first, turns)``, stretched to the second.

    Args:
        first: height and width of the picture that is moved.
        second: height and width of the other.
        turns: by a quarter, to the left.
        mirror: whether the picture is mirrored before, left to right.
    """
    whole = np.eye(3)
    tall, wide = first[:2]
    if mirror:
        whole = np.array([[-1, 0, wide - 1], [0, 1, 0], [0, 0, 1.0]])
    for _ in range(turns):
        whole = np.array([[0, 1, 0], [-1, 0, wide - 1], [0, 0, 1.0]]) @ whole
        tall, wide = wide, tall
    return stretching(second[1] / wide, second[0] / tall) @ whole


def _standardised(rows: Vectors) -> Vectors:
    fine = rows - cv2.GaussianBlur(rows, (0, 0), _FRAME / 6)
    fine -= fine.mean()
    return np.asarray(fine / np.float32(max(float(fine.std()), 1e-3)), np.float32)
