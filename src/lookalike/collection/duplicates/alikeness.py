"""Alikeness: how alike pairs of images of a collection are, by the copy parts of their embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.calibration import Calibration
from lookalike.collection.verdicts import believed
from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.sight import Evidence
from lookalike.store import Catalog

_PAIRS_AT_ONCE = 4096  # 16 MB of embeddings


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike some pairs are.

    Attributes:
        similarities: (n,) float32 cosines of the copy parts.
        levels: (n,) float32, the levels of both images added.
        calibration: what the levels are of.
    """

    similarities: Vectors
    levels: Vectors
    calibration: Calibration

    def scores(self, looks: Sequence[float | None]) -> NDArray[np.float64]:
        """The scores of the pairs; ``looks`` are the second look's, None for a pair not looked at."""
        # A score counts from the mean of both levels, so that one may stand for both.
        return self.calibration.scores(self.similarities, 0.0, self.levels, looks)

    def chances(self, looks: Sequence[float | None]) -> NDArray[np.float64]:
        """The chance of each pair; see ``Calibration.chances``."""
        return self.calibration.chances(self.scores(looks), looks)


class Alikeness:
    """Compares images of a collection by their stored embeddings; safe to use from many threads.

    The level of an image is computed once and kept, about 100 bytes for each.
    """

    def __init__(self, catalog: Catalog, card: ModelCard, fingerprint: str, calibration: Calibration) -> None:
        """Compare nothing yet.

        Args:
            catalog: has the embeddings.
            card: of their embedder.
            fingerprint: of their embedder.
            calibration: of the collection; tells the level of an image.
        """
        self._catalog, self._card, self._fingerprint = catalog, card, fingerprint
        self._calibration = calibration
        self._levels: dict[int, float] = {}

    def vectors(self, images: Sequence[int]) -> Vectors:
        """The whole embeddings, (len(images), dim) float32.

        Raises:
            NotFoundError: an image has been removed.
            EmbedderMismatch: the collection has moved to another embedder.
        """
        return self._catalog.vectors(images, self._card.dim, self._fingerprint)

    def of(self, pairs: Sequence[tuple[int, int]]) -> Alike:
        """Compare pairs of images, by id.

        Raises:
            NotFoundError: an image has been removed.
            EmbedderMismatch: the collection has moved to another embedder.
        """
        similarities = np.zeros(len(pairs), np.float32)
        levels = np.zeros(len(pairs), np.float32)
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            block = slice(start, start + _PAIRS_AT_ONCE)
            ids, places = np.unique(np.array(pairs[block], np.int64), return_inverse=True)
            copies = self._card.copy_part(self.vectors(ids.tolist()))
            first, second = places.reshape(-1, 2).T
            similarities[block] = np.einsum("ij,ij->i", copies[first], copies[second])
            of_images = self._levels_of(ids, copies)
            levels[block] = of_images[first] + of_images[second]
        return Alike(similarities, levels, self._calibration)

    def believed(self, pair: tuple[int, int], evidence: Evidence) -> Evidence:
        """What was seen of two images, by id, once their embeddings were asked, too.

        Raises:
            NotFoundError, EmbedderMismatch: as ``of``.
        """
        if not evidence.verified:
            return evidence
        return believed(evidence, 1 - float(self.of([pair]).similarities[0]), self._card)

    def _levels_of(self, ids: Ids, copies: Vectors) -> Vectors:
        """Levels of images, from memory if they are known."""
        known = self._levels
        new = [place for place, image_id in enumerate(ids.tolist()) if image_id not in known]
        if new:
            levels = self._calibration.levels(copies[new])
            known.update(zip(ids[new].tolist(), levels.tolist(), strict=True))
        return np.array([known[image_id] for image_id in ids.tolist()], np.float32)
