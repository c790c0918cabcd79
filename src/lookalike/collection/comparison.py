"""Two pictures compared, and the perceptual hash that lets others compare without having the pictures.

The hash is the sign bits of an embedding against seeded orthonormal hyperplanes, as in Apple's NeuralHash
(CSAM Detection technical summary, 2021). Pictures at angle a differ in a share a / pi of the bits on average.
Whoever knows the seed can compute the hyperplanes; with a secret seed, outsiders cannot aim at a hash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.collection.pictures import Source, embed_source
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import differing_bits, sign_bytes
from lookalike.kernels.hyperplanes import keyed
from lookalike.kernels.metrics import Metric
from lookalike.settings import Settings, load_settings

HASH_BITS = 256
FEWEST_BITS, MOST_BITS = 96, 512


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two pictures are.

    Attributes:
        distance: cosine distance of the copy parts of their embeddings, 0 to 2; of the whole embeddings if
            they have no copy part.
        similarity: 1 - distance.
        differing_bits: how many bits of their perceptual hashes differ.
        bits: length of each hash.
        max_distance: the distance up to which they count as the same picture.
    """

    distance: float
    similarity: float
    differing_bits: int
    bits: int
    max_distance: float

    @property
    def same(self) -> bool:
        """Whether they count as the same picture."""
        return self.distance <= self.max_distance


class Hasher:
    """Perceptual hashes and comparisons by one embedder."""

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        bits: int = HASH_BITS,
        seed: int = 0,
        settings: Settings | None = None,
    ) -> None:
        """Draw the hyperplanes.

        Args:
            embedder: makes the embeddings; if None, the one that the settings name.
            bits: length of a hash, a multiple of 8 from 96 to 512.
            seed: draws the hyperplanes; hashes of different seeds cannot be compared.
            settings: limits for pictures, and the model's name.

        Raises:
            UsageError: ``bits`` is out of range.
        """
        if not FEWEST_BITS <= bits <= MOST_BITS or bits % 8:
            raise UsageError(f"bits must be a multiple of 8 from {FEWEST_BITS} to {MOST_BITS}, not {bits}")
        settings = settings or load_settings()
        self._limits = settings.limits
        self._embedder = embedder or load_embedder(settings.model)
        if bits > self._embedder.card.dim:
            raise UsageError(f"bits must be at most {self._embedder.card.dim} with this model, not {bits}")
        self._bits = bits
        self._planes = keyed(self._embedder.card.dim, bits, seed)

    def hash(self, picture: Source) -> str:
        """Hash a picture.

        Two machines may differ in the few bits whose margin is within rounding of 0; the model card states
        how many at most (``hash_drift``).

        Returns:
            ``bits / 4`` hexadecimal digits.

        Raises:
            ImageError: the picture cannot be read.
        """
        return self.hash_vector(embed_source(picture, self._embedder, self._limits)[0])

    def hash_vector(self, vector: Vectors) -> str:
        """Hash a picture by its embedding, (dim,) float32 by the same embedder; see ``hash``."""
        return bytes(sign_bytes(vector[None] @ self._planes.T)[0]).hex()

    def compare(self, first: Source, second: Source, *, max_distance: float | None = None) -> Comparison:
        """Compare two pictures.

        Args:
            first: a path, URL, bytes or picture.
            second: the other picture, given in the same ways.
            max_distance: cosine distance up to which they count as the same; if None, the model
                card's ``same_distance``.

        Raises:
            ImageError: a picture cannot be read.
            UsageError: ``max_distance`` is not from 0 to 2.
        """
        if max_distance is not None and not 0 <= max_distance <= 2:
            raise UsageError(f"max_distance must be from 0 to 2, not {max_distance}")
        a, b = (embed_source(picture, self._embedder, self._limits)[0] for picture in (first, second))
        return self.compare_vectors(a, b, max_distance=max_distance)

    def compare_vectors(
        self, first: Vectors, second: Vectors, *, max_distance: float | None = None
    ) -> Comparison:
        """Compare two pictures by their embeddings, (dim,) float32 by the same embedder; see ``compare``."""
        border = self._embedder.card.same_distance if max_distance is None else max_distance
        one, other = self._embedder.card.copy_part(np.stack([first, second]))
        distance = float(Metric("cosine").exact(one, other[None])[0])
        codes = [sign_bytes(vector[None] @ self._planes.T) for vector in (first, second)]
        bits = int(differing_bits(codes[0], codes[1][0])[0])
        return Comparison(distance, 1 - distance, bits, self._bits, border)
