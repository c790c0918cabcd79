"""A crowd: pictures that are all alike to the embedder, in which copies are found by their landmarks.

Each landmark of a picture is looked for among those of all others. Two landmarks that are alike tell how the
one picture would have been turned, scaled and moved to give the other one. Those of a copy agree on that, as
in the generalised Hough transform (Lowe, IJCV 2004, section 7.3), and those of other pictures hardly do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids
from lookalike.sight import LANDMARKS, Landmarks

_MOST_ROWS = 1_000_000
"""Landmarks of all pictures together at most, 170 MB; of more than 10,000 pictures, each has fewer."""

_NEAREST = 10  # landmarks that may be the same as one
_TURN, _SCALE, _OFF = 30.0, 0.7, 40.0  # degrees, doublings and pixels by which movements agree
_LEAST = 1.5
"""Votes from which two pictures are worth comparing. A landmark has one vote or less: the farther the
nearest ones are, as against the tenth, the less."""

_MOST = 9  # pictures worth comparing with one

_BESIDE, _IN_IT = 3, 2  # neighbours of an image, and how many of them lie in a crowd if it lies beside one


class Beside:
    """Finds the images that lie beside a crowd: edited so much that they are less like it than it is itself.

    It keeps three neighbours of each image, 24 bytes.
    """

    def __init__(self, ids: Ids) -> None:
        """Know nothing of these images, (n,) int64, ascending."""
        self._ids = ids
        self._nearest = np.full((len(ids), _BESIDE), -1, np.int64)

    def note(self, image_id: int, neighbours: Ids) -> None:
        """Keep the first neighbours of an image, the likeliest copies first."""
        row = int(np.searchsorted(self._ids, image_id))
        if row < len(self._ids):
            chosen = neighbours[:_BESIDE]
            self._nearest[row, : len(chosen)] = chosen

    def of(self, crowd: Iterable[int]) -> list[int]:
        """The images beside a crowd, by the ids of which it consists, ascending."""
        inside = np.array(sorted(crowd), np.int64)
        near = np.isin(self._nearest, inside).sum(axis=1) >= _IN_IT
        beside: list[int] = np.setdiff1d(self._ids[near], inside).tolist()
        return beside


class Crowd:
    """Finds pictures by their landmarks among others; safe to use from many threads."""

    def __init__(self, packed: Mapping[int, bytes]) -> None:
        """Index the landmarks of pictures.

        Args:
            packed: of each picture, by its id.
        """
        self._packed = packed
        ids = sorted(packed)
        share = max(1, min(LANDMARKS, _MOST_ROWS // max(len(ids), 1)))
        marks = [Landmarks.unpacked(packed[image_id]) for image_id in ids]
        self._images = np.repeat(np.array(ids, np.int64), [min(len(one), share) for one in marks])
        self._places = np.concatenate([one.places[:share] for one in marks])
        self._sizes = np.concatenate([one.sizes[:share] for one in marks])
        self._angles = np.concatenate([one.angles[:share] for one in marks])
        vectors = np.concatenate([one.vectors[:share].astype(np.float16) for one in marks])
        self._index = LSHIndex.build(np.arange(len(vectors)), vectors)

    def near(self, image_id: int) -> list[int]:
        """The pictures that may be copies of one of the crowd, the likeliest first, nine at most."""
        marks = Landmarks.unpacked(self._packed[image_id])
        votes: dict[int, float] = {}
        for one in (marks, marks.mirrored()) if len(marks) else ():
            for other, count in self._votes(one):
                votes[other] = max(count, votes.get(other, 0.0))
        votes.pop(image_id, None)
        likely = sorted((-count, other) for other, count in votes.items() if count >= _LEAST)
        return [other for _, other in likely[:_MOST]]

    def _votes(self, marks: Landmarks) -> list[tuple[int, float]]:
        """The pictures that landmarks vote for, and the most votes for one movement."""
        found = self._index.search(marks.vectors, _NEAREST + 1)
        rows = np.maximum(found.ids, 0)
        distances = np.where(found.ids < 0, np.inf, found.distances)
        farthest = np.where(np.isfinite(distances), distances, 0).max(axis=1, keepdims=True)
        weights = np.maximum(1 - distances / np.maximum(farthest, 1e-6), 0).ravel()
        turns = (self._angles[rows] - marks.angles[:, None]) % 360
        scales = self._sizes[rows] / marks.sizes[:, None]
        movements = scales * np.exp(1j * np.deg2rad(turns))
        middles = self._places[rows] + movements * (marks.places.mean() - marks.places)[:, None]
        parts = [turns / _TURN, np.log2(scales) / _SCALE, middles.real / _OFF, middles.imag / _OFF]
        images = self._images[rows].ravel()
        best: dict[int, float] = {}
        for shift in (0.0, 0.5):  # what one grid parts, the other holds together
            cells = [np.floor(part.ravel() + shift).astype(np.int64) for part in parts]
            cells[0] %= round(360 / _TURN)
            keys, numbers = np.unique(np.column_stack([images, *cells]), axis=0, return_inverse=True)
            for image, count in zip(
                keys[:, 0].tolist(), np.bincount(numbers.ravel(), weights).tolist(), strict=True
            ):
                best[image] = max(count, best.get(image, 0.0))
        return list(best.items())
