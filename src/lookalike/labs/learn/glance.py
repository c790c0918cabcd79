"""The copy part's second glance at a picture, and what is made of both views.

A crop or a picture on a phone's screen shares only the middle with its original. So the copy tail sees two
views of a picture in the same batch, the whole of it and its middle, and the copy part is a weighted sum of
both. The middle is mirrored: what the tail makes of left and right then evens out. Whitening makes every
direction of that sum count the same (see ``whitening``), and what the picture shares with strangers is
subtracted (see ``negatives``).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.labs.learn.negatives import Negatives

PART = 0.65
"""Share of the picture's sides that the middle has, roughly; the whole is reduced to as many pixels."""

MIDDLE = 0.5
"""What the middle adds to the sum, as a multiple of what the whole adds."""

_HALVED = 32


class Glance(nn.Module):
    """Views of pictures before the trunk, and one copy part of both after the copy tail.

    Attributes:
        whitening: linear, of the unit sums of both views; starts as the identity.
        negatives: from whitened unit rows to the copy part; starts with zeros, which change nothing.
    """

    def __init__(self, copy_dim: int, negatives: int) -> None:
        super().__init__()
        self.whitening = nn.Linear(copy_dim, copy_dim)
        nn.init.eye_(self.whitening.weight)
        nn.init.zeros_(self.whitening.bias)
        self.negatives = Negatives(negatives, copy_dim)

    def views(self, x: Tensor) -> Tensor:
        """Both views of each picture, of one size: see ``window``.

        Args:
            x: (n, channels, side, side) float32.

        Returns:
            (2 n, channels, seen, seen) float32: all pictures reduced, then all mirrored middles.
        """
        start, stop = window(x.shape[2])
        size = (stop - start, stop - start)
        whole = functional.interpolate(x, size=size, mode="bicubic", antialias=True)
        return torch.cat([whole, x[:, :, start:stop, start:stop].flip(3)])

    def together(self, copies: Tensor) -> Tensor:
        """The copy tail's (2 n, 384) numbers of both views to (n, 384) unit rows, not yet whitened."""
        whole, middle = functional.normalize(copies, dim=1).chunk(2)
        return functional.normalize(whole + MIDDLE * middle, dim=1)

    def whitened(self, copies: Tensor) -> Tensor:
        """The copy tail's (2 n, 384) numbers of both views to (n, 384) unit rows."""
        return functional.normalize(self.whitening(self.together(copies)), dim=1)

    def forward(self, copies: Tensor) -> Tensor:
        """The copy tail's (2 n, 384) numbers of both views to the copy part, (n, 384) of any length."""
        part: Tensor = self.negatives(self.whitened(copies))
        return part


def window(side: int) -> tuple[int, int]:
    """Where the middle of a picture of ``side`` pixels a side starts and stops: a multiple of 32 pixels.

    The trunk and the tails halve a view five times, so no other length is seen evenly.
    """
    seen = max(_HALVED, _HALVED * round(PART * side / _HALVED))
    start = (side - seen) // 2
    return start, start + seen
