"""Networks with random weights that behave like trained ones: their batch norms have seen something."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from lookalike.labs.learn.network import DEVIATION, MEAN, EmbeddingNetwork
from lookalike.labs.learn.two_readings import TwoReadings

_Network = TypeVar("_Network", bound=nn.Module)


def network(seed: int = 3, *, exponent: float = 3.0, projected: bool = True) -> EmbeddingNetwork:
    """A network in evaluation mode; the same seed always gives the same one."""
    return deepcopy(_network(seed, exponent, projected))


def two_readings(seed: int = 3, *, glancing: bool = False) -> TwoReadings:
    """The network with a copy and a likeness part, in evaluation mode; the same seed gives the same one."""
    return deepcopy(_two_readings(seed, glancing))


@cache  # drawing 21 million weights twice, once by PyTorch itself, takes four times as long as copying
def _network(seed: int, exponent: float, projected: bool) -> EmbeddingNetwork:
    return _drawn(EmbeddingNetwork(exponent=exponent, projected=projected), seed)


@cache
def _two_readings(seed: int, glancing: bool) -> TwoReadings:
    return _drawn(TwoReadings(glancing=glancing), seed)


def _drawn(made: _Network, seed: int) -> _Network:
    generator = torch.Generator().manual_seed(seed)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.bias, std=0.2, generator=generator)
            nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            nn.init.normal_(_tensor(module.running_mean), std=0.3, generator=generator)
            nn.init.uniform_(_tensor(module.running_var), 0.5, 2.0, generator=generator)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.05, generator=generator)
            nn.init.normal_(module.bias, std=0.05, generator=generator)
    return made.eval()


def embed(made: nn.Module, images: list[Image.Image]) -> NDArray[np.float32]:
    """Embeddings of pictures of one size, by PyTorch, (n, 512)."""
    pixels = np.stack([np.asarray(image, np.float64) for image in images]) / 255
    normal = torch.from_numpy(((pixels - MEAN) / DEVIATION).transpose(0, 3, 1, 2)).float()
    with torch.inference_mode():
        return np.asarray(made.eval()(normal).numpy())


def _tensor(value: Tensor | None) -> Tensor:
    assert value is not None
    return value
