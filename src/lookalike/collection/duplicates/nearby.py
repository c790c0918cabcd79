"""Nearby images: for each image those that may be copies of it, by their embeddings alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.calibration import Calibration
from lookalike.collection.crowds import NEIGHBOURS, is_crowd
from lookalike.collection.duplicates.alikeness import Alikeness
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.sight import VERIFIED_SCORE

REACHES = (NEIGHBOURS, 99, 999)
"""How many neighbours by the whole embedding are asked for: more if all nearer ones turned out to be copies.
With the image itself they are the 10 and 100 for which the index is tuned."""

_STRANGERS, _OF_MANY = 4.0, 2.0
_MANY = 30_000
"""A neighbour may be a copy if fewer strangers than that are expected to be as like the image, among all
images of the collection; fewer in a collection of many images, which would else take too long.
docs/duplicates.md has what that finds and costs."""

_FEW = 10_000
"""Images up to which all neighbours are compared frame on frame, however unlikely: of pages, which are all
alike to an embedding, most copies are found only so."""


class Nearby(NamedTuple):
    """Images near one image.

    Attributes:
        image_id: of that image.
        ids: (n,) int64 of the others, the likeliest copy first.
        similarities: (n,) float32 cosines of the copy parts.
        likely: how many of them, from the first, may be copies.
        framed: how many of them, from the first, are worth comparing frame on frame.
        crowded: whether there are so many that are so alike that copies may lie behind them.
        cut: whether there may be likely ones beyond the neighbours that were asked for.
    """

    image_id: int
    ids: Ids
    similarities: Vectors
    likely: int
    framed: int
    crowded: bool
    cut: bool


class Neighbourhoods:
    """Finds what is near to images of a collection; safe to use from many threads."""

    def __init__(
        self, current: Callable[[], LSHIndex], alikeness: Alikeness, calibration: Calibration
    ) -> None:
        """Find nothing yet.

        Args:
            current: gives the index over the whole embeddings, up to date.
            alikeness: of the same collection.
            calibration: of the same collection.
        """
        self._current, self._alikeness, self._calibration = current, alikeness, calibration

    def ids(self) -> Ids:
        """Ids of all images, ascending."""
        return np.sort(self._current().ids())

    def of(self, images: Sequence[int], k: int) -> Iterator[Nearby]:
        """Find the neighbours of images, and order them by how likely they are copies.

        The index compares whole embeddings. What it finds is ordered by the copy parts, counted from the
        levels of both images, so that of two pages of one book the next page does not come before the copy.

        Args:
            images: ids.
            k: how many neighbours to ask the index for.

        Raises:
            NotFoundError: an image has just been removed.
        """
        index = self._current()
        k = min(k, max(len(index) - 1, 1))
        allowed = _STRANGERS if len(index) < _MANY else _OF_MANY
        found = index.search(self._alikeness.vectors(images), k + 1).ids
        own = np.asarray(images, np.int64)[:, None]
        pairs = [(first, second) for first, row in zip(images, found.tolist(), strict=True) for second in row
                 if second not in (-1, first)]  # fmt: skip
        alike = self._alikeness.of(pairs)
        chances = self._chances(alike.scores([None] * len(pairs)))
        ends = np.cumsum(((found != -1) & (found != own)).sum(axis=1))
        for image_id, start, end in zip(images, [0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            order = start + np.argsort(chances[start:end], kind="stable")
            likely = int((chances[start:end] * len(index) <= allowed).sum())
            others = np.array([pairs[place][1] for place in order], np.int64)
            cut = likely == end - start and end - start >= k
            framed = min(len(others), REACHES[0]) if len(index) <= _FEW else 0
            crowded = is_crowd(alike.similarities[start:end])
            yield Nearby(image_id, others, alike.similarities[order], likely, framed, crowded, cut)

    def _chances(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of strangers that score as high, without the floor of what was not looked at."""
        return self._calibration.chances(scores, [VERIFIED_SCORE] * len(scores))
