"""A crowd: pictures that are all alike to the embedder, in which copies are found by their landmarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lookalike.collection.crowds import BESIDE, IN_IT
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.sight import Landmarks
from lookalike.sight.votes import NEAREST, Marked

_MOST = 9  # pictures worth comparing with one


class Beside:
    """Finds the images that lie beside a crowd: edited so much that they are less like it than it is itself.

    It keeps three neighbours of each image, 24 bytes.
    """

    def __init__(self, ids: Ids) -> None:
        """Know nothing of these images, (n,) int64, ascending."""
        self._ids = ids
        self._nearest = np.full((len(ids), BESIDE), -1, np.int64)

    def note(self, image_id: int, neighbours: Ids) -> None:
        """Keep the first neighbours of an image, the likeliest copies first."""
        row = int(np.searchsorted(self._ids, image_id))
        if row < len(self._ids):
            chosen = neighbours[:BESIDE]
            self._nearest[row, : len(chosen)] = chosen

    def of(self, crowd: Iterable[int]) -> list[int]:
        """The images beside a crowd, by the ids of which it consists, ascending."""
        inside = np.array(sorted(crowd), np.int64)
        near = np.isin(self._nearest, inside).sum(axis=1) >= IN_IT
        beside: list[int] = np.setdiff1d(self._ids[near], inside).tolist()
        return beside


class Crowd:
    """Finds pictures by their landmarks among others; safe to use from many threads."""

    def __init__(self, packed: Mapping[int, bytes]) -> None:
        """Index the landmarks of pictures.

        Args:
            packed: of each picture, by its id.
        """
        self._packed, self._marked = packed, Marked(packed)
        places = np.arange(len(self._marked))
        self._index = LSHIndex.build(places, self._marked.vectors(0, len(places)).astype(np.float16))

    def near(self, image_id: int) -> list[int]:
        """The pictures that may be copies of one of the crowd, the likeliest first, nine at most."""
        likely = self._marked.likely(Landmarks.unpacked(self._packed[image_id]), self._nearest)
        return [other for other in likely if other != image_id][:_MOST]

    def _nearest(self, vectors: Vectors) -> tuple[Ids, Vectors]:
        found = self._index.search(vectors, NEAREST)
        return found.ids, found.distances
