"""Votes: the landmarks of a picture tell which of many, all alike to an embedding, it may be a copy of.

Each landmark of it is looked for among those of the others. Two landmarks that are alike tell how the one
picture would have been turned, scaled and moved to give the other one. Those of a copy agree on that, as in
the generalised Hough transform (Lowe, IJCV 2004, section 7.3), and those of other pictures hardly do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lookalike.kernels.arrays import Ids, Vectors
from lookalike.sight.landmarks import LANDMARKS, PACKED_SIZE, Landmarks

Nearest = Callable[[Vectors], tuple[Ids, Vectors]]
"""Finds the 11 landmarks nearest to each of q vectors: their places among all, (q, 11) int64, -1 for none,
and their cosine distances, (q, 11) floats, the nearest first."""

NEAREST = 11
"""Landmarks that are looked for: any but the last may be the same as one."""

_MOST_ROWS = 1_000_000
"""Landmarks of all pictures together at most, 48 MB; of more than 10,000 pictures, each has fewer."""

_TURN, _SCALE, _OFF = 30.0, 0.7, 40.0  # degrees, doublings and pixels by which movements agree
_LEAST = 1.5
"""Votes from which two pictures are worth comparing. A landmark has one vote or less: the farther the
nearest ones are, as against the last of them, the less."""

_BLOCK = 8192  # landmarks that are compared at once
_FARTHEST = 2.0  # any two vectors are less far apart


class Marked:
    """Pictures with landmarks; safe to use from many threads."""

    def __init__(self, packed: Mapping[int, bytes]) -> None:
        """Take the landmarks of pictures together.

        Args:
            packed: of each picture, by its id, as ``Landmarks.packed`` gives them.
        """
        share = PACKED_SIZE * max(1, min(LANDMARKS, _MOST_ROWS // max(len(packed), 1)))
        kept = {image_id: packed[image_id][:share] for image_id in sorted(packed)}
        counts = [len(data) // PACKED_SIZE for data in kept.values()]
        self._images = np.repeat(np.array(list(kept), np.int64), counts)
        self._rows = np.frombuffer(b"".join(kept.values()), f"V{PACKED_SIZE}")

    def __len__(self) -> int:
        """How many landmarks there are of all pictures together."""
        return len(self._rows)

    def vectors(self, start: int, stop: int) -> Vectors:
        """Vectors of the landmarks from one place to another, (n, 32) float32."""
        return Landmarks.unpacked(self._rows[start:stop].tobytes()).vectors

    def likely(self, marks: Landmarks, nearest: Nearest | None = None) -> list[int]:
        """The pictures that landmarks speak for, as they are or mirrored, the likeliest first.

        Args:
            marks: of one picture.
            nearest: finds the nearest landmarks; if None, each is compared with all.

        Returns:
            All pictures that are worth comparing with that one.
        """
        if not len(marks) or not len(self):
            return []
        both = (marks, marks.mirrored())
        found, distances = (nearest or self._nearest)(np.concatenate([one.vectors for one in both]))
        votes: dict[int, float] = {}
        for one, places, apart in zip(both, np.split(found, 2), np.split(distances, 2), strict=True):
            for image_id, count in self._votes(one, places, apart):
                votes[image_id] = max(count, votes.get(image_id, 0.0))
        ordered = sorted((-count, image_id) for image_id, count in votes.items() if count >= _LEAST)
        return [image_id for _, image_id in ordered]

    def _nearest(self, vectors: Vectors) -> tuple[Ids, Vectors]:
        """See ``Nearest``. No index is needed: what a search asks of 10,000 pictures takes half a second."""
        places = np.full((len(vectors), NEAREST), -1, np.int64)
        distances = np.full((len(vectors), NEAREST), _FARTHEST, np.float32)
        for start in range(0, len(self), _BLOCK):
            apart = 1 - vectors @ self.vectors(start, start + _BLOCK).T
            nearer = apart < distances[:, -1:]
            for row in np.flatnonzero(nearer.any(axis=1)).tolist():
                new = np.flatnonzero(nearer[row])
                if len(new) > NEAREST:  # of the first block all are, and few of them need sorting
                    new = new[apart[row, new] <= np.partition(apart[row, new], NEAREST - 1)[NEAREST - 1]]
                known = np.concatenate([distances[row], apart[row, new]])
                kept = np.argsort(known, kind="stable")[:NEAREST]
                distances[row] = known[kept]
                places[row] = np.concatenate([places[row], start + new])[kept]
        return places, distances

    def _votes(self, marks: Landmarks, found: Ids, distances: Vectors) -> list[tuple[int, float]]:
        """The pictures that landmarks vote for, and the most votes for one movement."""
        rows = np.maximum(found, 0)
        others = Landmarks.unpacked(self._rows[rows.ravel()].tobytes())
        distances = np.where(found < 0, np.inf, distances)
        farthest = np.where(np.isfinite(distances), distances, 0).max(axis=1, keepdims=True)
        weights = np.maximum(1 - distances / np.maximum(farthest, 1e-6), 0).ravel()
        turns = (others.angles.reshape(rows.shape) - marks.angles[:, None]) % 360
        scales = others.sizes.reshape(rows.shape) / marks.sizes[:, None]
        movements = scales * np.exp(1j * np.deg2rad(turns))
        moved = movements * (marks.places.mean() - marks.places)[:, None]
        middles = others.places.reshape(rows.shape) + moved
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
