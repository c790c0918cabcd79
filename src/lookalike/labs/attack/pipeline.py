"""The way of a picture into the network as PyTorch sees it, so that gradients find the way back.

A picture is a (3, h, w) float32 tensor of RGB in [0, 1], at its own full size: what an attacker changes is
what is later saved and read by the search, and not what is left of it at the network's size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from lookalike.labs.learn.network import DEVIATION, MEAN

LEVELS = 255


def to_tensor(image: Image.Image) -> Tensor:
    """An RGB picture as a (3, h, w) float32 tensor in [0, 1]."""
    return torch.from_numpy(np.asarray(image, np.float32) / LEVELS).permute(2, 0, 1).contiguous()


def to_image(picture: Tensor) -> Image.Image:
    """A tensor as an RGB picture of 8 bits, each value rounded to the nearest level."""
    levels = (picture.detach().clamp(0, 1) * LEVELS).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().contiguous().numpy())


def whole_levels(budget: float) -> int:
    """How many levels of 255 a budget allows; a part of a level allows nothing."""
    return math.floor(budget * LEVELS + 1e-9)


def to_file(picture: Tensor, original: Image.Image, budget: float) -> Image.Image:
    """What an attacker saves: 8 bits a value, rounded, but never to a level that the budget does not allow.

    Without the last, a budget of half a level would be rounded up to a whole one.

    Args:
        picture: (3, h, w) in [0, 1], within the budget of the original.
        original: RGB, of the same size.
        budget: most that a value may change, in intensities from 0 to 1.
    """
    most = whole_levels(budget)
    before = np.asarray(original, np.int16)
    after = np.asarray(to_image(picture), np.int16).clip(before - most, before + most)
    return Image.fromarray(after.astype(np.uint8))


def squash(pictures: Sequence[Tensor], side: int) -> Tensor:
    """The differentiable twin of ``embed.preprocess.to_pixels``.

    Args:
        pictures: of any sizes.
        side: pixels a side of the result.

    Returns:
        (n, 3, side, side) in [0, 1].
    """
    return torch.cat([_squashed(picture[None], side) for picture in pictures])


def _squashed(planes: Tensor, side: int) -> Tensor:
    """Pillow's two passes, the longer side first: what overshoots beside an edge is cut off after each."""
    height, width = planes.shape[2:]
    between = (side, width) if height > width else (height, side)
    for size in (between, (side, side)):
        planes = functional.interpolate(planes, size, mode="bicubic", antialias=True).clamp(0, 1)
    return planes


def network_input(pictures: Sequence[Tensor], side: int) -> Tensor:
    """What the network takes: squashed and normalised, (n, 3, side, side)."""
    planes = squash(pictures, side)
    mean, deviation = (planes.new_tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    return (planes - mean) / deviation
