"""Landmarks: the most marked places of a picture, by which it is found among thousands that look alike.

To an embedding all pages are alike, though each has its words in other places. A landmark is a keypoint whose
descriptor is reduced to 32 numbers: few enough for those of thousands of pictures to be searched together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UnreadableImage
from lookalike.kernels.arrays import Vectors
from lookalike.sight.keypoints import BINS, CELLS, Grey, root_sift

Places = NDArray[np.complex64]
"""Places in a picture, in pixels; x is the real part, y the imaginary one."""

LANDMARK_RULES = 8
"""Version of landmarks: another number whenever others would be found of the same picture."""

DIM = 32
"""Numbers that describe a landmark."""

_FINE, _COARSE = 64, 32
"""Landmarks that a picture has at most, as it is and at half its size: the former find crops, the latter
pictures that were reduced or blurred."""

LANDMARKS = _FINE + _COARSE
"""Landmarks that a picture has at most."""

_HALF = 0.5
_FAINTEST = 0.0236, 0.03  # contrast of a landmark, as a share of all levels, by size
_PACKED = np.dtype([("place", "<f2", 2), ("size", "<f2"), ("angle", "<f2"), ("vector", "i1", DIM)])
PACKED_SIZE = _PACKED.itemsize
"""Bytes of one landmark."""

_LEVELS = 127  # of a number of a vector, to each side of 0


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The landmarks of one picture, the most marked ones first.

    Attributes:
        places: (n,) complex64, in pixels of the small picture.
        sizes: (n,) float32, diameters in pixels, above 0.
        angles: (n,) float32, directions in degrees clockwise.
        vectors: (n, 32) float32 of unit length, or all zeros.
    """

    places: Places
    sizes: Vectors
    angles: Vectors
    vectors: Vectors

    def __len__(self) -> int:
        """How many landmarks there are."""
        return len(self.places)

    def mirrored(self) -> Self:
        """The landmarks of the picture mirrored left to right, around the left edge."""
        return type(self)(-self.places.conj(), self.sizes, 180 - self.angles, self.vectors * _MIRRORING)

    def packed(self) -> bytes:
        """The landmarks as bytes, 40 for each."""
        rows = np.zeros(len(self), _PACKED)
        rows["place"] = np.column_stack([self.places.real, self.places.imag])
        rows["size"], rows["angle"] = self.sizes, self.angles
        rows["vector"] = np.rint(_LEVELS * self.vectors)
        return rows.tobytes()

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """The landmarks that ``packed`` made bytes of, as exactly as these tell.

        Raises:
            UnreadableImage: the bytes are no landmarks.
        """
        if len(data) % _PACKED.itemsize:
            raise UnreadableImage(f"no landmarks: {len(data)} bytes")
        rows = np.frombuffer(data, _PACKED)
        places = rows["place"].astype(np.float32)
        return cls(
            (places[:, 0] + np.complex64(1j) * places[:, 1]).astype(np.complex64),
            rows["size"].astype(np.float32),
            rows["angle"].astype(np.float32),
            _unit(rows["vector"].astype(np.float32)),
        )


def find_landmarks(grey: Grey) -> Landmarks:
    """Find at most 96 landmarks, of which two in three are as fine as the picture.

    Args:
        grey: (height, width) uint8, a small picture.
    """
    wide, tall = (max(1, round(_HALF * side)) for side in grey.shape[::-1])
    half = np.asarray(cv2.resize(grey, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
    found = [_found(grey, _FINE, _FAINTEST[0], 1.0), _found(half, _COARSE, _FAINTEST[1], _HALF)]
    # So that the first n landmarks are of both sizes too, in the same proportion.
    ranks = np.concatenate(
        [(np.arange(len(one)) + 1) / most for one, most in zip(found, (_FINE, _COARSE), strict=True)]
    )
    order = np.argsort(ranks, kind="stable")
    return Landmarks(
        np.concatenate([one.places for one in found])[order],
        np.concatenate([one.sizes for one in found])[order],
        np.concatenate([one.angles for one in found])[order],
        np.concatenate([one.vectors for one in found])[order],
    )


def _found(grey: Grey, most: int, faintest: float, size: float) -> Landmarks:
    """The most marked keypoints of a picture that was reduced by ``size``, in pixels of the whole one."""
    points, found = cv2.SIFT.create(most, contrastThreshold=faintest).detectAndCompute(grey, None)
    described = np.empty((0, CELLS * CELLS * BINS)) if found is None else found
    # OpenCV keeps more than it was asked for if some are equally marked.
    order = sorted(range(len(points)), key=lambda place: -points[place].response)[:most]
    facts = [(*points[place].pt, points[place].size, points[place].angle) for place in order]
    x, y, sizes, angles = np.array(facts, np.float32).reshape(-1, 4).T
    places = ((x + np.complex64(1j) * y) / size).astype(np.complex64)
    return Landmarks(
        places, sizes / np.float32(size), angles, _unit(root_sift(described[order].astype(np.uint8)) @ _BASIS)
    )


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)


def _cosines(count: int) -> NDArray[np.float64]:
    """The waves of the discrete cosine transform of so many numbers, the slowest first, by row."""
    waves = np.cos(np.pi * np.outer(np.arange(count), np.arange(count) + 0.5) / count)
    return np.asarray(waves / np.linalg.norm(waves, axis=1, keepdims=True), np.float64)


def _around(count: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """The waves around a circle of so many directions, by row; how often each goes up; if it is a sine."""
    turns = 2 * np.pi * np.arange(count) / count
    times = np.array([0, *np.repeat(np.arange(1, count // 2), 2), count // 2])
    sine = np.array([False, *np.tile([False, True], count // 2 - 1), False])
    waves = np.where(sine[:, None], np.sin(times[:, None] * turns), np.cos(times[:, None] * turns))
    return waves / np.linalg.norm(waves, axis=1, keepdims=True), times, sine


def _slowest_waves() -> tuple[Vectors, Vectors]:
    """The waves by which a descriptor is reduced, (128, 32), and what mirroring makes of each, 1 or -1.

    Descriptors of neighbouring cells and directions are alike, so that the slowest waves hold most of what
    tells them apart: learned directions (PCA) found no more. The constant one is left out.
    """
    across, (around, times, sine) = _cosines(CELLS), _around(BINS)
    waves = np.einsum("ai,bj,ck->abcijk", across, across, around).reshape(-1, CELLS * CELLS * BINS)
    steps = np.arange(CELLS)
    speed = (steps[:, None, None] / CELLS) ** 2 + (steps[:, None] / CELLS) ** 2 + (times / (BINS / 2)) ** 2
    # Mirroring turns the order of the first side of cells around, and the sense of the directions.
    mirrored = np.where(steps % 2, -1, 1)[:, None, None] * np.where(sine, -1, 1) * np.ones((1, CELLS, 1))
    chosen = np.argsort(speed.ravel(), kind="stable")[1 : DIM + 1]
    return waves[chosen].T.astype(np.float32), mirrored.ravel()[chosen].astype(np.float32)


_BASIS, _MIRRORING = _slowest_waves()
