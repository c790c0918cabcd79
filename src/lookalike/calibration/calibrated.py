"""A calibration: levels, scores and chances of one collection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from lookalike.calibration import saved, shipping
from lookalike.calibration.background import FEWEST, Background
from lookalike.calibration.scoring import LookScores, Scores, scores_of, verified
from lookalike.calibration.tail import Tail
from lookalike.kernels.arrays import Vectors

UNPROVEN = 1e-5
"""Least chance of a pair that the second look does not verify. Pages, memes and logos of one template reach
any similarity of embeddings, so that no similarity proves a copy."""

LEAST = 1e-12
"""Least chance of any pair: no measurement supports a smaller one."""

_GROWTH = 1.5  # a collection that has grown or shrunk by this factor is measured again


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is known of the strangers of a collection.

    Attributes:
        fingerprint: of the embedder whose vectors it was measured on.
        images: images in the collection when it was measured; 0 if it holds only what ships.
        background: the sample that levels are measured against.
        own: the tail of the collection's own strangers; None if it was not measured.
    """

    fingerprint: str
    images: int
    background: Background
    own: Tail | None

    @classmethod
    def shipped(cls, fingerprint: str) -> Self:
        """The calibration of a collection that is new or small.

        Args:
            fingerprint: of the collection's embedder.
        """
        return cls(fingerprint, 0, Background.none(), None)

    def levels(self, copies: Vectors) -> Vectors:
        """What pictures score against the background, (n,) float32; 0 if there is none.

        Args:
            copies: (n, dim) float32 copy parts, rows of unit length.
        """
        return self.background.levels(copies)

    def scores(self, similarities: Vectors, query_level: float, levels: Vectors, looks: LookScores) -> Scores:
        """The scores of pairs of a query and a picture.

        Args:
            similarities: (n,) cosines of the copy parts.
            query_level: level of the query.
            levels: (n,) of the pictures.
            looks: n scores of the second look, None for a picture that was not looked at.

        Returns:
            (n,) float64, higher for more alike.
        """
        return scores_of(similarities, query_level, levels, looks)

    def chances(self, scores: Scores, looks: LookScores) -> Scores:
        """The chance p of each pair: the share of pairs of strangers that score as high.

        The collection's own strangers and those that ship are pooled by the number of pairs, so that a small
        collection leans on what ships and a large one on its own.

        Args:
            scores: (n,) of ``scores``.
            looks: the same n scores of the second look.

        Returns:
            (n,) float64 from 1e-12 to 1; at least 1e-5 for a pair that is not verified.
        """
        shares = self._pooled(np.asarray(scores, np.float64))
        return np.maximum(shares, np.where(verified(looks), LEAST, UNPROVEN))

    def _pooled(self, scores: Scores) -> Scores:
        if self.own is None:
            return shipping.plain().shares_of(scores)
        own = self.own.shares_of(scores)
        if self.fingerprint != shipping.fingerprint():
            return own
        shipped, pairs = shipping.levelled().shares_of(scores), shipping.PAIRS
        return np.asarray((shipped * pairs + own * self.own.pairs) / (pairs + self.own.pairs))

    def save(self, folder: Path) -> None:
        """Write it into a folder, in place of an older one.

        Raises:
            OSError: it cannot be written.
        """
        saved.write(folder, self.fingerprint, self.images, self.background, self.own)

    @classmethod
    def load(cls, folder: Path, fingerprint: str) -> Self | None:
        """Read what ``save`` wrote.

        Args:
            folder: where.
            fingerprint: of the embedder that the vectors are of.

        Returns:
            None if there is none, it is another embedder's, or it is damaged: then it has to be measured.
        """
        found = saved.read(folder, fingerprint)
        return None if found is None else cls(fingerprint, *found)


def stale(calibration: Calibration, images: int) -> bool:
    """Whether a collection has grown or shrunk so much that it should be measured again.

    Args:
        calibration: of the collection.
        images: that it holds now.
    """
    if images < FEWEST:
        return calibration.images > 0
    return not images / _GROWTH <= calibration.images <= images * _GROWTH
