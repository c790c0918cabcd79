"""Two pictures compared, and the perceptual hash that lets others compare without having the pictures.

A comparison ends in a verdict: ``identical`` (the same bytes or pixels), ``copy`` (strangers hardly ever
score so high, which takes a second look that lays one picture on the other), ``similar`` (only their
embeddings are near) or ``different``.

The hash is the sign bits of an embedding against seeded orthonormal hyperplanes, as in Apple's NeuralHash
(CSAM Detection technical summary, 2021). Pictures at angle a differ in a share a / pi of the bits on average.
Whoever knows the seed can compute the hyperplanes; with a secret seed, outsiders cannot aim at a hash.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lookalike import sight
from lookalike.calibration import Calibration
from lookalike.collection.answers import COPIES, Verdict
from lookalike.collection.pictures import Source, embed_source
from lookalike.collection.queries import Query, query_of
from lookalike.collection.questions import FPR
from lookalike.collection.verdicts import ScoredPairs, believed, chance_in, verdict_of
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import differing_bits, sign_bytes
from lookalike.kernels.hyperplanes import keyed
from lookalike.settings import Settings, settings_given

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
        max_distance: the distance up to which they count as similar, if they are no copies.
        verdict: what the pictures are to each other.
        p: chance that pictures which have nothing to do with each other score as high, by the strangers that
            ship with the program; 0 if the two are identical.
        evidence: of the second look; None if there was none, because neither a picture's file nor its small
            picture is left.
        remark: why only a part of a picture was compared, one line that says of which; empty if all was, or
            if both files have the same bytes.
    """

    distance: float
    similarity: float
    differing_bits: int
    bits: int
    max_distance: float
    verdict: Verdict
    p: float
    evidence: sight.Evidence | None = None
    remark: str = ""

    @property
    def same(self) -> bool:
        """Whether they count as the same picture: identical, or one a copy of the other."""
        return self.verdict in COPIES


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
        self._calibration = Calibration.shipped(self._embedder.fingerprint)

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
        a, b = (query_of(source, self._embedder, self._limits) for source in (first, second))
        return self.compare_seen(a, b, max_distance=max_distance)

    def compare_seen(self, first: Query, second: Query, *, max_distance: float | None = None) -> Comparison:
        """Compare two pictures that were opened and embedded before; see ``compare``.

        Args:
            first: by the embedder of this hasher.
            second: the same.
            max_distance: as for ``compare``.
        """
        border = self._embedder.card.same_distance if max_distance is None else max_distance
        tries = 1 + len(first.panels) + len(second.panels)
        whole = replace(self._compared(first, second, border, tries), remark=_remark_on(first, second))
        if whole.same or tries == 1:
            return whole
        parts = [
            *((panel.query, second, sight.in_first, panel.place_in(first)) for panel in first.panels),
            *((first, panel.query, sight.in_second, panel.place_in(second)) for panel in second.panels),
        ]
        surest = whole
        for one, other, moved, place in parts:
            found = self._compared(one, other, border, tries)
            if not found.same or found.p >= surest.p or found.evidence is None or place is None:
                continue
            if (evidence := moved(found.evidence, place)) is not None:
                surest = replace(whole, verdict="copy", p=found.p, evidence=evidence)
        return surest

    def _compared(self, first: Query, second: Query, border: float, tries: int) -> Comparison:
        """Two pictures, or a panel of one and the other, one of so many tries of which any may succeed."""
        vectors = np.stack([first.vector, second.vector])
        parts = self._embedder.card.copy_part(vectors)
        pairs = ScoredPairs(parts[:1], parts[1:], self._calibration)
        distance = float(pairs.distances[0])
        codes = sign_bytes(vectors @ self._planes.T)
        bits = int(differing_bits(codes[:1], codes[1])[0])
        evidence = None
        if first.sight is not None and second.sight is not None:
            evidence = sight.look(first.sight, second.sight)
        identical = first.is_identical(second)
        if evidence is not None and evidence.told_by_files and not identical:
            evidence = sight.looked_closely(evidence, first.fine(), second.fine())
        if evidence is not None:
            evidence = believed(evidence, distance, self._embedder.card)
        (chance,) = pairs.chances([None if evidence is None else evidence.score])
        p = 0.0 if identical else chance_in(tries, chance)
        verdict = verdict_of(p, FPR, distance, border)
        return Comparison(distance, 1 - distance, bits, self._bits, border, verdict, p, evidence)


def _remark_on(first: Query, second: Query) -> str:
    if first.sha256 is not None and first.sha256 == second.sha256:
        return ""
    sides = ("first", first.remark), ("second", second.remark)
    return "; ".join(f"{side} picture: {remark}" for side, remark in sides if remark)
