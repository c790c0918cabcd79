"""The embedding network: a ResNet-34 body, pooling, and a linear projection.

Pooling is the generalised mean (Radenović, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No Human
Annotation", TPAMI 2019): exponent 1 is the plain average that ImageNet classifiers use; 3 gives a picture
that fills a part of the frame more weight, which finds pasted and padded copies.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.labs.learn.resnet34 import ResNet34

DIM = 512
MEAN = (0.485, 0.456, 0.406)  # of RGB in [0, 1], as torchvision's ImageNet models expect
DEVIATION = (0.229, 0.224, 0.225)
SMALLEST_MAP = 1e-6  # below which the slope of a root would be infinite


def normalised(pixels: Tensor) -> Tensor:
    """What the network takes: (n, h, w, 3) uint8 to (n, 3, h, w) float32."""
    return normalised_planes(pixels.permute(0, 3, 1, 2))


def normalised_planes(planes: Tensor) -> Tensor:
    """What the network takes: (n, 3, h, w) of any type, from 0 to 255, to float32."""
    mean, deviation = (torch.tensor(values, device=planes.device) for values in (MEAN, DEVIATION))
    return (planes / 255 - mean[:, None, None]) / deviation[:, None, None]


class EmbeddingNetwork(nn.Module):
    """Normalised RGB to embeddings.

    Attributes:
        architecture: what it is, for people.
        copy_dim: see ``ModelCard``.
        body: the ResNet-34.
        exponent: of the generalised mean, () float32, at least 1; not trained.
        projection: linear, 512 to 512, or the identity.
    """

    architecture = "ResNet-34"
    copy_dim = 0
    exponent: Tensor

    def __init__(self, *, exponent: float = 1.0, projected: bool = False) -> None:
        super().__init__()
        self.body = ResNet34()
        self.register_buffer("exponent", torch.tensor(float(exponent)))
        self.projection = nn.Linear(DIM, DIM) if projected else nn.Identity()

    def features(self, x: Tensor) -> Tensor:
        """Pooled and projected, of any length; what a classifier's head takes.

        Args:
            x: (n, 3, h, w) float32, RGB in [0, 1] minus the channel means, over the channel deviations.

        Returns:
            (n, 512) float32.
        """
        x = x.contiguous(memory_format=torch.channels_last)  # convolutions are up to twice as fast
        maps = self.body(x)  # (n, 512, h/32, w/32), non-negative
        maps = maps.to(torch.promote_types(maps.dtype, torch.float32))  # bfloat16 is too coarse from here on
        if self.exponent > 1:
            pooled = maps.clamp_min(SMALLEST_MAP).pow(self.exponent).mean((2, 3)).pow(1 / self.exponent)
        else:
            pooled = maps.mean((2, 3))
        projected: Tensor = self.projection(pooled)
        return projected

    def parts(self, stages: int) -> list[nn.Module]:
        """The stem and the first so many of the four stages; nothing for 0."""
        if not stages:
            return []
        layers = (self.body.get_submodule(f"layer{number}") for number in range(1, stages + 1))
        return [self.body.conv1, self.body.bn1, *layers]

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings: the features at unit length, (n, 512) float32."""
        return functional.normalize(self.features(x), dim=1)
