"""Adversarial training: who has learned from pictures that were changed to mislead is harder to mislead.

The change is one step of the fast gradient sign method from a random start (Wong, Rice and Kolter, "Fast is
better than free: Revisiting adversarial training", ICLR 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.learn.network import DEVIATION, MEAN

_STEP = 1.25  # of the budget, as in the paper: it takes most starts to the far side


class SizedBatches(Protocol):
    """Batches whose number is known."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...


class Hardened:
    """Batches, half of each changed to mislead a network as it is at the moment.

    A trainer that takes a batch, learns from it and takes the next thus always meets its present weaknesses.
    """

    def __init__(
        self, batches: SizedBatches, network: nn.Module, budget: float, seed: int, device: torch.device
    ) -> None:
        """Change nothing yet.

        Args:
            batches: normalised pictures and their classes.
            network: normalised pictures to class scores; used in the mode in which it is.
            budget: see ``mislead``.
            seed: of the random starts.
            device: the network's.
        """
        self._batches, self._network, self._budget = batches, network, budget
        self._seed, self._device = seed, device

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(self._seed)
        for inputs, wanted in self._batches:
            pictures, classes = inputs.to(self._device), wanted.to(self._device)
            changed = mislead(self._network, pictures, classes, self._budget, generator)
            half = len(pictures) // 2
            yield torch.cat([changed[:half], pictures[half:]]), classes


def mislead(
    network: nn.Module, pictures: Tensor, classes: Tensor, budget: float, generator: torch.Generator
) -> Tensor:
    """Change pictures so that a network takes them less for what they are.

    Args:
        network: normalised pictures to class scores. It sees the batch as a whole, since batch norms in
            training mode would treat a part of it otherwise.
        pictures: (n, 3, h, w) float32, normalised.
        classes: (n,) int64.
        budget: most that a pixel value may change, in intensities from 0 to 1; no value leaves that range.
        generator: of the random start.

    Returns:
        (n, 3, h, w) float32, normalised.
    """
    mean, deviation = (
        torch.tensor(values, device=pictures.device)[:, None, None] for values in (MEAN, DEVIATION)
    )
    reach = budget / deviation  # (3, 1, 1), as normalisation stretches each channel
    start = 2 * torch.rand(pictures.shape, generator=generator).to(pictures.device) - 1
    moved = (pictures + reach * start).requires_grad_()
    with fast_precision(pictures.device):
        scores = network(moved)
    loss = nn.functional.cross_entropy(scores.float(), classes)
    (slope,) = torch.autograd.grad(loss, moved)
    moved = moved.detach() + _STEP * reach * slope.sign()
    within = torch.clamp(moved, pictures - reach, pictures + reach)
    return torch.clamp(within, -mean / deviation, (1 - mean) / deviation)
