"""What all embedders that run one network share: the card, the fingerprint, and the answer to no pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from PIL import Image

from lookalike.embed.base import ModelCard
from lookalike.kernels.arrays import Vectors


class NetworkEmbedder(ABC):
    """Base of embedders; one says only what its network makes of pictures."""

    def __init__(self, card: ModelCard, fingerprint: str) -> None:
        """Remember what an embedder is asked for without a picture; see ``Embedder``."""
        self._card, self._fingerprint = card, fingerprint

    @property
    def card(self) -> ModelCard:
        """Name, licence and the like."""
        return self._card

    @property
    def fingerprint(self) -> str:
        """Hash of weights and preprocessing, 32 hexadecimal digits."""
        return self._fingerprint

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures; see ``Embedder.embed``."""
        return self._vectors(images) if images else np.empty((0, self._card.dim), np.float32)

    @abstractmethod
    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        """The embeddings of one picture or more, (n, dim) float32 rows of unit length."""
