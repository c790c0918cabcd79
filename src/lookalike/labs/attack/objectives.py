"""What an attacker may want, each as a loss to raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from lookalike.labs.attack.pipeline import network_input

MARGIN = 0.02
"""How far beyond a hyperplane a margin should lie, so that 8-bit rounding does not turn the bit back; random
unit vectors of 512 components have margins of 0.044 on average."""

_BITS_WEIGHT = 10.0  # makes all 256 bits together count about as much as the cosine


@dataclass(frozen=True, slots=True)
class Misclassify:
    """Another class than the true one: the cross-entropy of the true one.

    Attributes:
        classifier: normalised pictures to class scores.
        side: pixels a side that it takes.
        labels: (n,) int64 true classes.
    """

    classifier: nn.Module
    side: int
    labels: Tensor

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """The cross-entropy of each picture's class, (n,)."""
        scores = self.classifier(network_input(pictures, self.side))
        return functional.cross_entropy(scores, self.labels, reduction="none")


@dataclass(frozen=True, slots=True)
class Evade:
    """An edited copy that is not found: the cosine distance to the original's embedding.

    Attributes:
        network: normalised pictures to unit embeddings.
        side: pixels a side that it takes.
        originals: (n, dim) unit embeddings.
    """

    network: nn.Module
    side: int
    originals: Tensor

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """The cosine distance of each picture from its original, (n,)."""
        embeddings: Tensor = self.network(network_input(pictures, self.side))
        return 1 - (embeddings * self.originals).sum(1)


@dataclass(frozen=True, slots=True)
class Collide:
    """An innocent picture that is taken for a target: the cosine to it, and its hash bits.

    Attributes:
        network: normalised pictures to unit embeddings.
        side: pixels a side that it takes.
        targets: (n, dim) unit embeddings.
        planes: (bits, dim) hyperplanes of the hash that the attacker knows.
        pull: weight of the cosine; 0 leaves only the bits.
    """

    network: nn.Module
    side: int
    targets: Tensor
    planes: Tensor
    pull: float = 1.0

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """(n,) cosines, less what the margins of the bits fall short."""
        embeddings: Tensor = self.network(network_input(pictures, self.side))
        sides = (self.targets @ self.planes.T).sign()  # (n, bits)
        short = (MARGIN - sides * (embeddings @ self.planes.T)).clamp_min(0).mean(1)
        return self.pull * (embeddings * self.targets).sum(1) - _BITS_WEIGHT * short
