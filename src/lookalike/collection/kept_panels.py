"""Kept panels: the pictures that the collages of a collection are put together from, ready to be searched.

There are few of them beside the images, so a query is compared with each, by one product of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lookalike.kernels.arrays import Ids, Vectors
from lookalike.sight import Box
from lookalike.store import PanelsMark

_SHARES = 65535  # of a picture's width and height, in which places are kept
_LEVELS = 127  # of a number of a vector, to each side of 0


class NearPanel(NamedTuple):
    """The panel of an image that is nearest to a query.

    Attributes:
        image_id: of the image.
        box: where the panel lies in it.
        copy: (dim,) float32 of unit length, the copy part of the panel's embedding.
    """

    image_id: int
    box: Box
    copy: Vectors


class KeptPanels:
    """The panels of all images of a collection that have some.

    Attributes:
        mark: tells whether they are those that the catalog has now.
    """

    def __init__(self, packed: Mapping[int, bytes], dim: int, mark: PanelsMark) -> None:
        """Unpack them; they take 1.5 KB each in memory.

        Args:
            packed: what ``packed`` gave, by image id.
            dim: of the copy part.
            mark: of the catalog, asked for before they were read.
        """
        self.mark = mark
        rows = np.frombuffer(b"".join(packed.values()), _kept(dim))
        counts = {image_id: len(data) // rows.dtype.itemsize for image_id, data in packed.items()}
        self._counts = counts
        self._images: Ids = np.repeat(np.array(list(counts), np.int64), list(counts.values()))
        self._boxes = rows["box"]
        self._copies: Vectors = rows["copy"].astype(np.float32)
        self._copies /= np.maximum(np.linalg.norm(self._copies, axis=1, keepdims=True), 1.0)

    def __len__(self) -> int:
        return len(self._images)

    def count_of(self, image_id: int) -> int:
        """How many panels an image has."""
        return self._counts.get(image_id, 0)

    def near(self, copy: Vectors, least: float, among: Ids | None = None) -> list[NearPanel]:
        """Find the images with a panel near a query, the nearest first.

        Args:
            copy: (dim,) float32 of unit length, the copy part of the query.
            least: cosine from which a panel is near.
            among: ids of the only images that are asked about; None for all.
        """
        similarities = self._copies @ copy
        wanted = similarities >= least
        if among is not None:
            wanted &= np.isin(self._images, among)
        places = np.flatnonzero(wanted)
        found: dict[int, NearPanel] = {}
        for place in places[np.argsort(-similarities[places], kind="stable")].tolist():
            image_id = int(self._images[place])
            if image_id not in found:
                box = Box(*(self._boxes[place] / _SHARES).tolist())
                found[image_id] = NearPanel(image_id, box, self._copies[place])
        return list(found.values())


def packed(boxes: Sequence[Box], copies: Vectors) -> bytes:
    """The panels of an image as they are kept: 8 bytes for each, and one for each number of its copy part.

    Args:
        boxes: where they lie.
        copies: (n, dim) float32 copy parts of their embeddings. Only their directions are kept.
    """
    rows = np.zeros(len(boxes), _kept(copies.shape[1]))
    rows["box"] = np.rint(np.array(boxes) * _SHARES)
    largest = np.maximum(np.abs(copies).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    rows["copy"] = np.rint(copies / largest * _LEVELS)
    return rows.tobytes()


def _kept(dim: int) -> np.dtype[np.void]:
    return np.dtype([("box", "<u2", 4), ("copy", "i1", dim)])
