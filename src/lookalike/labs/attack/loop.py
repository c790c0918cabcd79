"""One loop for every attack: steps along the sign of a gradient, within a box around the picture.

With one step from the picture itself it is the fast gradient sign method (Goodfellow, Shlens and Szegedy,
"Explaining and Harnessing Adversarial Examples", ICLR 2015); with several from a random start, projected
gradient descent (Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018).
What is attacked is a matter of the loss alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Loss = Callable[[Sequence[Tensor]], Tensor]
"""Pictures to (n,) numbers, one a picture, which the attack raises."""

REACH = 2.5  # all steps together go so many times the budget: Madry et al. use 2 to 3


@dataclass(frozen=True, slots=True)
class Method:
    """How the loop walks.

    Attributes:
        name: for results.
        steps: gradients that are computed.
        random_start: whether to begin anywhere in the box rather than in its middle.
    """

    name: str
    steps: int
    random_start: bool

    def stride(self, budget: float) -> float:
        """Length of a step in each pixel value."""
        return budget if self.steps == 1 else REACH * budget / self.steps


FGSM = Method("fgsm", 1, random_start=False)


def pgd(steps: int) -> Method:
    """Projected gradient descent in so many steps."""
    return Method("pgd", steps, random_start=True)


def perturb(
    pictures: Sequence[Tensor],
    loss: Loss,
    budget: float,
    method: Method,
    generator: torch.Generator,
    slopes: Sequence[Tensor] | None = None,
) -> list[Tensor]:
    """Change pictures so that a loss rises.

    Args:
        pictures: (3, h, w) each, in [0, 1], of any sizes.
        loss: what to raise; it is asked for all pictures together.
        budget: most that a pixel value may change, in intensities from 0 to 1.
        method: how.
        generator: of the random start.
        slopes: ``gradients`` at the given pictures, if they are known: they are the same for all budgets.
            A method that starts elsewhere has no use for them.

    Returns:
        Changed pictures, in [0, 1], nowhere further than ``budget`` from the given ones.
    """
    current = list(pictures)
    if not budget:
        return current
    if method.random_start:
        noises = [torch.rand(picture.shape, generator=generator, dtype=picture.dtype) for picture in pictures]
        current = [
            _within(picture + budget * (2 * noise.to(picture.device) - 1), picture, budget)
            for picture, noise in zip(pictures, noises, strict=True)
        ]
        slopes = None
    for _ in range(method.steps):
        ways = gradients(current, loss) if slopes is None else slopes
        current = [
            _within(now + method.stride(budget) * way.sign(), picture, budget)
            for now, way, picture in zip(current, ways, pictures, strict=True)
        ]
        slopes = None
    return current


def gradients(pictures: Sequence[Tensor], loss: Loss) -> list[Tensor]:
    """The slope of each picture's loss in each of its pixel values, shaped like the pictures."""
    leaves = [picture.detach().requires_grad_() for picture in pictures]
    return list(torch.autograd.grad(loss(leaves).sum(), leaves))


def _within(picture: Tensor, middle: Tensor, budget: float) -> Tensor:
    """The nearest point of the box, and of [0, 1]."""
    return torch.minimum(torch.maximum(picture, middle - budget), middle + budget).clamp(0, 1)
