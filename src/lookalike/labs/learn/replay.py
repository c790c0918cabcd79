"""Batches of edited views as they come, and mixtures of those that came last."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

_KEPT = 16  # batches


class Replay:
    """Gives each batch of views once, and between two of them mixtures of earlier ones.

    A mixture takes the pictures drawn at random from one batch, and the groups that look alike from another,
    so that no two steps see the same pictures together.
    """

    def __init__(self, batches: Iterable[tuple[Tensor, Tensor]], uses: int, device: torch.device) -> None:
        """
        Args:
            batches: numbers of pictures, (n,) int64, and their views, (n, 2, side, side, 3) uint8.
            uses: steps that a batch serves for; in all but one of them as a part of mixtures.
            device: where the views are kept.
        """
        self._coming: Iterator[tuple[Tensor, Tensor]] = iter(batches)
        self._uses, self._device = uses, device
        self._kept: deque[tuple[Tensor, Tensor]] = deque(maxlen=_KEPT)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Numbers and views for a step: a new batch, or a mixture of two that are kept."""
        if step % self._uses == 0 or not self._kept:
            numbers, views = next(self._coming)
            self._kept.append((numbers.to(self._device), views.to(self._device)))
            return self._kept[-1]
        draw = random.Random(step)
        mixed, groups = draw.choice(self._kept), draw.choice(self._kept)
        half = len(mixed[0]) // 2
        numbers = torch.cat([mixed[0][:half], groups[0][half:]])
        return numbers, torch.cat([mixed[1][:half], groups[1][half:]])
