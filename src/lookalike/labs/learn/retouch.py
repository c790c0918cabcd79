"""Small random changes of many views at once, on the device that trains.

To edit a picture takes other processes longer than a step of training takes a GPU. So each view is used in
several steps, and this makes it another one each time.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_TURN = math.radians(8)
_SCALE = 0.15
_SHIFT = 0.08  # of the side
_STRETCH = 0.08
_TONE = 0.2


def retouched(views: Tensor, draw: torch.Generator) -> Tensor:
    """Turn, mirror, enlarge, shift, stretch and recolour each view a little, each by other amounts.

    Args:
        views: (n, side, side, 3) uint8.
        draw: the source of all chance, on the views' device.

    Returns:
        (n, 3, side, side) float32, from 0 to 255; what was beyond the border is its mirror image.
    """
    planes = views.permute(0, 3, 1, 2).float()
    grid = functional.affine_grid(_placings(len(views), draw), list(planes.shape), align_corners=False)
    moved = functional.grid_sample(planes, grid, "bilinear", "reflection", align_corners=False)
    return _recoloured(moved, draw).clamp(0, 255)


def _placings(count: int, draw: torch.Generator) -> Tensor:
    """Affine maps from places in the result to places in the view, (count, 2, 3)."""
    angle = _TURN * _between(count, draw)
    size, stretch = torch.exp(_SCALE * _between(count, draw)), torch.exp(_STRETCH * _between(count, draw))
    side = torch.where(_between(count, draw) < 0, -1.0, 1.0)
    cos, sin = torch.cos(angle), torch.sin(angle)
    x, y = _SHIFT * _between(count, draw), _SHIFT * _between(count, draw)
    rows = [size * stretch * cos * side, -size * sin, x, size * sin * side, size * cos / stretch, y]
    return torch.stack(rows, dim=1).reshape(count, 2, 3)


def _recoloured(planes: Tensor, draw: torch.Generator) -> Tensor:
    """Brightness, contrast and colourfulness changed by up to a fifth."""
    count = len(planes)
    light, contrast, colour = ((1 + _TONE * _between(count, draw))[:, None, None, None] for _ in range(3))
    grey = planes.mean(1, keepdim=True)
    planes = grey + colour * (planes - grey)
    middle = grey.mean((2, 3), keepdim=True)
    return light * (middle + contrast * (planes - middle))


def _between(count: int, draw: torch.Generator) -> Tensor:
    """Numbers between -1 and 1."""
    return 2 * torch.rand(count, generator=draw, device=draw.device) - 1
