"""The bundled network: one embedding that can be read in two ways.

An EfficientNet-Lite0 forks after its first eight blocks, the trunk. The *copy* tail was taught to see through
edits; the *likeness* tail shows what a classifier of ImageNet sees. Each is pooled and projected, and their
unit vectors stand side by side: the first ``COPY`` numbers of an embedding say whether a picture is a copy of
another, all of them together rank pictures by likeness. A network may have a second glance at each picture's
middle, from which only the copy part learns something: see ``glance``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.labs.learn.efficientnet_lite import FEATURES, TRUNK, blocks, head, stem
from lookalike.labs.learn.glance import Glance
from lookalike.labs.learn.network import DEVIATION, DIM, MEAN, SMALLEST_MAP

COPY = 384
"""Numbers of the copy part, the first of an embedding."""

COPY_SHARE = 0.7
"""What the copy part contributes to the dot product of an embedding with itself, which is 1."""


class Tail(nn.Module):
    """From the trunk's maps to one part of the embedding.

    Attributes:
        exponent: of the generalised mean that pools the last maps, () float32, at least 1; not trained.
    """

    exponent: Tensor

    def __init__(self, outputs: int, exponent: float) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks()[TRUNK:])
        self.head = head()
        self.register_buffer("exponent", torch.tensor(exponent))
        self.projection = nn.Linear(FEATURES, outputs)

    def pooled(self, maps: Tensor) -> Tensor:
        """(n, 80, h, w) maps of the trunk to (n, 1280) float32, non-negative."""
        x: Tensor = self.head(self.blocks(maps.contiguous(memory_format=torch.channels_last)))
        x = x.to(torch.promote_types(x.dtype, torch.float32))  # bfloat16 is too coarse from here on
        if self.exponent > 1:
            x = x.clamp_min(SMALLEST_MAP).pow(self.exponent).mean((2, 3)).pow(1 / self.exponent)
        else:
            x = x.mean((2, 3))
        return x

    def forward(self, maps: Tensor) -> Tensor:
        """(n, 80, h, w) to (n, outputs) float32, of any length."""
        projected: Tensor = self.projection(self.pooled(maps))
        return projected


class TwoReadings(nn.Module):
    """Normalised RGB to embeddings, (n, 3, h, w) to (n, 512).

    Attributes:
        architecture: what it is, for people.
        copy_dim: see ``ModelCard``.
        glance: the copy part's second glance and what follows; None for a network that sees the whole alone.
    """

    architecture = "EfficientNet-Lite0 with a copy and a likeness tail"
    copy_dim = COPY

    def __init__(self, *, glance: Glance | None = None) -> None:
        super().__init__()
        self.stem = stem()
        self.trunk = nn.Sequential(*blocks()[:TRUNK])
        self.copy = Tail(COPY, 3.0)
        self.likeness = Tail(DIM - COPY, 1.0)
        self.glance = glance

    def maps(self, x: Tensor) -> Tensor:
        """What both tails take.

        Args:
            x: (n, 3, h, w) float32, RGB in [0, 1] minus the channel means, over the channel deviations.

        Returns:
            (n, 80, h / 16, w / 16) float32.
        """
        mean, deviation = (
            torch.tensor(values, device=x.device)[:, None, None] for values in (MEAN, DEVIATION)
        )
        x = ((x * deviation + mean) * 255 - 127) / 128  # the checkpoint's own normalisation
        maps: Tensor = self.trunk(self.stem(x.contiguous(memory_format=torch.channels_last)))
        return maps

    def features(self, x: Tensor) -> Tensor:
        """Embeddings scaled to a mean square of 1, as a classifier's head wants them, (n, 512) float32."""
        features: Tensor = math.sqrt(DIM) * self(x)
        return features

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings of unit length, (n, 512) float32."""
        if self.glance is None:
            maps = self.maps(x)
            return joined(self.copy(maps), self.likeness(maps))
        maps = self.maps(self.glance.views(x))
        return joined(self.glance(self.copy(maps)), self.likeness(maps[: len(x)]))

    def parts(self, stages: int) -> list[nn.Module]:
        """The stem and the first of four stages: two halves of the trunk, and two of both tails."""
        middle = TRUNK // 2
        both = (self.copy, self.likeness)
        found = [
            [self.stem, self.trunk[:middle]],
            [self.trunk[middle:]],
            [tail.blocks[:4] for tail in both],
            [part for tail in both for part in (tail.blocks[4:], tail.head)],
        ]
        return [part for stage in found[:stages] for part in stage]


def joined(copy: Tensor, likeness: Tensor) -> Tensor:
    """Two parts, (n, 384) and (n, 128) of any length, as one unit vector, (n, 512)."""
    return torch.cat(
        [
            math.sqrt(COPY_SHARE) * functional.normalize(copy, dim=1),
            math.sqrt(1 - COPY_SHARE) * functional.normalize(likeness, dim=1),
        ],
        dim=1,
    )
