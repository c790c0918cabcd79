"""Two pictures compared, and the perceptual hash that lets others compare without having the pictures.

A comparison ends in a verdict: ``identical`` (the same pixels), ``copy`` (the second look laid one picture on
the other and they agree), ``similar`` (only their embeddings are near) or ``different``.

The hash is the sign bits of an embedding against seeded orthonormal hyperplanes, as in Apple's NeuralHash
(CSAM Detection technical summary, 2021). Pictures at angle a differ in a share a / pi of the bits on average.
Whoever knows the seed can compute the hyperplanes; with a secret seed, outsiders cannot aim at a hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from lookalike import sight
from lookalike.collection.pictures import Source, embed_source, enough_for, open_picture
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import differing_bits, sign_bytes
from lookalike.kernels.hyperplanes import keyed
from lookalike.kernels.metrics import Metric
from lookalike.settings import Settings, settings_given

HASH_BITS = 256
FEWEST_BITS, MOST_BITS = 96, 512

Verdict = Literal["identical", "copy", "similar", "different"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two pictures are.

    Attributes:
        distance: cosine distance of the copy parts of their embeddings, 0 to 2; of the whole embeddings if
            they have no copy part.
        similarity: 1 - distance.
        differing_bits: how many bits of their perceptual hashes differ.
        bits: length of each hash.
        max_distance: the distance up to which they count as similar, if they are no copies.
        identical: whether both are made of the same pixels.
        evidence: of the second look; None if there was none, because a picture's file is gone.
    """

    distance: float
    similarity: float
    differing_bits: int
    bits: int
    max_distance: float
    identical: bool = False
    evidence: sight.Evidence | None = None

    @property
    def verdict(self) -> Verdict:
        """What the pictures are to each other."""
        if self.identical:
            return "identical"
        if self.evidence is not None and self.evidence.verified:
            return "copy"
        return "similar" if self.distance <= self.max_distance else "different"

    @property
    def same(self) -> bool:
        """Whether they count as the same picture: identical, or one a copy of the other."""
        return self.verdict in ("identical", "copy")


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
            UsageError: ``bits`` is out of range, or an argument is of another type.
        """
        if not isinstance(bits, int) or not FEWEST_BITS <= bits <= MOST_BITS or bits % 8:
            raise UsageError(f"bits must be a multiple of 8 from {FEWEST_BITS} to {MOST_BITS}, not {bits!r}")
        if not isinstance(seed, int):
            raise UsageError(f"seed must be a whole number, not {seed!r}")
        if embedder is not None and not hasattr(embedder, "card"):
            raise UsageError(f"embedder must be what load_embedder gives, not {embedder!r}")
        settings = settings_given(settings)
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
            max_distance: cosine distance up to which pictures that are no copies count as similar; if None,
                the model card's ``same_distance``.

        Raises:
            ImageError: a picture cannot be read.
            UsageError: ``max_distance`` is not from 0 to 2.
        """
        if max_distance is not None and not (
            isinstance(max_distance, int | float) and 0 <= max_distance <= 2
        ):
            raise UsageError(f"max_distance must be from 0 to 2, not {max_distance!r}")
        side = enough_for(self._embedder)
        pictures = tuple(open_picture(source, self._limits, at_least=side) for source in (first, second))
        a, b = (self._embedder.embed([picture])[0] for picture in pictures)
        return self.compare_seen(a, b, (pictures[0], pictures[1]), max_distance=max_distance)

    def compare_seen(
        self,
        first: Vectors,
        second: Vectors,
        pictures: tuple[Image.Image, Image.Image] | None,
        *,
        max_distance: float | None = None,
    ) -> Comparison:
        """Compare two pictures that were embedded before; see ``compare``.

        Args:
            first: (dim,) float32, by the same embedder.
            second: (dim,) float32.
            pictures: both, mode ``RGB``, for the second look; None if one cannot be had.
            max_distance: as for ``compare``.
        """
        border = self._embedder.card.same_distance if max_distance is None else max_distance
        one, other = self._embedder.card.copy_part(np.stack([first, second]))
        distance = float(Metric("cosine").exact(one, other[None])[0])
        codes = [sign_bytes(vector[None] @ self._planes.T) for vector in (first, second)]
        bits = int(differing_bits(codes[0], codes[1][0])[0])
        identical, evidence = False, None
        if pictures is not None:
            a, b = pictures
            identical = a.size == b.size and a.tobytes() == b.tobytes()
            evidence = sight.look(sight.Sight(a), sight.Sight(b))
        return Comparison(distance, 1 - distance, bits, self._bits, border, identical, evidence)
