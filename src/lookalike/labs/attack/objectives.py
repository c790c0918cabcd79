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
        copy_dim: how many of their first numbers form the copy part, whose distance counts; 0 for all.
    """

    network: nn.Module
    side: int
    originals: Tensor
    copy_dim: int = 0

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """The cosine distance of each picture from its original, (n,)."""
        embeddings: Tensor = self.network(network_input(pictures, self.side))
        return 1 - copy_cosines(embeddings, self.originals, self.copy_dim)


@dataclass(frozen=True, slots=True)
class Collide:
    """An innocent picture that is taken for a target: the cosine to it, and its hash bits.

    Attributes:
        network: normalised pictures to unit embeddings.
        side: pixels a side that it takes.
        targets: (n, dim) unit embeddings.
        planes: (bits, dim) hyperplanes of the hash that the attacker knows.
        copy_dim: how many of the first numbers form the copy part, whose cosine counts; 0 for all.
        pull: weight of the cosine; 0 leaves only the bits.
    """

    network: nn.Module
    side: int
    targets: Tensor
    planes: Tensor
    copy_dim: int = 0
    pull: float = 1.0

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """(n,) cosines, less what the margins of the bits fall short."""
        embeddings: Tensor = self.network(network_input(pictures, self.side))
        sides = (self.targets @ self.planes.T).sign()  # (n, bits)
        short = (MARGIN - sides * (embeddings @ self.planes.T)).clamp_min(0).mean(1)
        return self.pull * copy_cosines(embeddings, self.targets, self.copy_dim) - _BITS_WEIGHT * short


def copy_cosines(first: Tensor, second: Tensor, copy_dim: int) -> Tensor:
    """Cosines of the copy parts of each pair of rows, the differentiable twin of ``ModelCard.copy_part``.

    Args:
        first: (n, dim) unit embeddings.
        second: (n, dim) unit embeddings.
        copy_dim: numbers of the copy part; 0 for whole embeddings.

    Returns:
        (n,) float32.
    """
    if not copy_dim:
        return (first * second).sum(1)
    return functional.cosine_similarity(first[:, :copy_dim], second[:, :copy_dim], dim=1)
