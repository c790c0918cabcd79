"""ResNet-34 in PyTorch, with torchvision's parameter names.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition" (CVPR 2016), table 1, the 34-layer
column. The state dict has the names and shapes of torchvision's ``resnet34``, so that the public ImageNet
checkpoint loads as it is.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))  # channels and blocks of layer1 to layer4


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut; the first convolution may halve the resolution."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = (
            nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
            if stride != 1 or channels_in != channels
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels_in, h, w) to (n, channels, h / stride, w / stride)."""
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet34(nn.Module):
    """The network without pooling and classification head: normalised RGB in, 512 maps out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        channels_in = 64
        for number, (channels, blocks) in enumerate(STAGES, start=1):
            stride = 1 if number == 1 else 2
            stage = [BasicBlock(channels_in, channels, stride)]
            stage += [BasicBlock(channels, channels, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
            channels_in = channels

    def forward(self, x: Tensor) -> Tensor:
        """Map images to feature maps.

        Args:
            x: (n, 3, h, w) float32, RGB in [0, 1] minus the channel means, over the channel deviations.

        Returns:
            (n, 512, h / 32, w / 32), rounded up, non-negative.
        """
        x = functional.relu(self.bn1(self.conv1(x)))  # (n, 64, h/2, w/2)
        x = functional.max_pool2d(x, 3, 2, padding=1)  # (n, 64, h/4, w/4)
        for number in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return x
