"""What all embedders that run one network share: card, fingerprint, and a check of what the network gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.checking import checked
from lookalike.errors import DamagedError, ImageError
from lookalike.kernels.arrays import Vectors

if TYPE_CHECKING:
    from PIL import Image


class NetworkEmbedder(ABC):
    """Base of embedders; one says only what its network makes of pictures."""

    def __init__(self, card: ModelCard, fingerprint: str) -> None:
        """Remember what an embedder is asked for without a picture; see ``Embedder``."""
        self._card, self._fingerprint = card, fingerprint

    @property
    def card(self) -> ModelCard:
        """Facts about the embedder, such as its name and licence."""
        return self._card

    @property
    def fingerprint(self) -> str:
        """Hash of weights and preprocessing, 32 hexadecimal digits."""
        return self._fingerprint

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures; see ``Embedder.embed``."""
        if not images:
            return np.empty((0, self._card.dim), np.float32)
        try:
            vectors = self._vectors(images)
        except DamagedError as error:  # the network took others, so it is this one that it does not take
            raise ImageError(str(error)) from error
        return checked(vectors, len(images), self._card.dim)

    @abstractmethod
    def _vectors(self, images: Sequence[Image.Image]) -> NDArray[Any]:
        """What the network makes of one picture or more; ``embed`` checks that it is as promised."""


class PluggedEmbedder(NetworkEmbedder):
    """An embedder of another package, whose vectors are checked like those of our own."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder.card, embedder.fingerprint)
        self._embedder = embedder

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        return self._embedder.embed(images)
