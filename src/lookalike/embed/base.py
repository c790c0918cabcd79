"""What an embedder is, and the card that travels with its weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lookalike.errors import DamagedError
from lookalike.kernels.arrays import Vectors

if TYPE_CHECKING:  # a search opens its network before Pillow is imported
    from PIL import Image

_LARGEST_DISTANCE = 2  # between vectors of unit length, by the cosine


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Facts that belong to weights and are stored beside them, in the same file.

    Attributes:
        name: short name, as ``--model`` takes it.
        summary: one line: architecture, training data, what it is for.
        licence: terms of the weights.
        dim: length of an embedding.
        side: the network sees pictures of this many pixels a side.
        same_distance: cosine distance of the copy parts up to which two pictures count as similar, if
            they are no copies.
        hash_drift: most bits of a 256-bit hash that may differ between machines for the same file.
        copy_dim: how many of the embedding's first numbers form its copy part, which tells edited copies from
            other pictures better than the whole; 0 if the whole embedding has to do that.
    """

    name: str
    summary: str
    licence: str
    dim: int
    side: int
    same_distance: float
    hash_drift: int
    copy_dim: int = 0

    def copy_part(self, vectors: Vectors) -> Vectors:
        """What tells copies from other pictures.

        Args:
            vectors: (n, dim) float32 embeddings.

        Returns:
            (n, copy_dim) float32 rows of unit length; ``vectors`` as they are if ``copy_dim`` is 0.
        """
        if not self.copy_dim:
            return vectors
        part = vectors[:, : self.copy_dim]
        lengths = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return np.asarray(part / lengths, np.float32)

    def to_json(self) -> str:
        """The card as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read what ``to_json`` wrote.

        Raises:
            DamagedError: not such a JSON object, or with numbers that make no sense.
        """
        try:
            card = cls(**json.loads(text))
            for name in ("dim", "side", "hash_drift", "copy_dim"):
                if type(getattr(card, name)) is not int:
                    raise ValueError(f"{name} must be a whole number")
            if card.dim < 1 or card.side < 1 or not 0 < card.same_distance < _LARGEST_DISTANCE:
                raise ValueError("dim and side must be 1 or more, and same_distance between 0 and 2")
            if not 0 <= card.copy_dim <= card.dim:
                raise ValueError(f"copy_dim must be from 0 to dim, {card.dim}, not {card.copy_dim}")
        except (ValueError, TypeError, RecursionError) as error:
            raise DamagedError(f"the model's card cannot be read: {error}") from error
        return card


class Embedder(Protocol):
    """Maps pictures to vectors; safe to call from many threads at once."""

    @property
    def card(self) -> ModelCard:
        """Facts about the embedder, such as its name and licence."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would: covers weights and preprocessing, hexadecimal."""

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures.

        Args:
            images: RGB pictures of any size.

        Returns:
            (n, dim) float32 rows of unit length.

        Raises:
            ImageError: there is no such row for one of the pictures; ``embed_each`` tells which.
        """
