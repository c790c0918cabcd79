"""Networks with random weights that behave like trained ones: their batch norms have seen something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from lookalike.labs.learn import efficientnet_lite, export, resnet34
from lookalike.labs.learn import two_readings as tails
from lookalike.labs.learn.glance import Glance
from lookalike.labs.learn.network import DEVIATION, MEAN, EmbeddingNetwork
from lookalike.labs.learn.two_readings import COPY, TwoReadings

_Network = TypeVar("_Network", bound=nn.Module)


class _Size(NamedTuple):
    resnet: tuple[tuple[int, int], ...]
    lite: tuple[efficientnet_lite.Stage, ...]
    features: int


_FULL = _Size(resnet34.STAGES, efficientnet_lite.STAGES, efficientnet_lite.FEATURES)
_SLIM = _Size(
    ((64, 1), (16, 1), (16, 1), (512, 1)),
    (
        _FULL.lite[0],
        *(stage._replace(expansion=2) for stage in _FULL.lite[1:4]),
        *(
            stage._replace(expansion=2, width=width)
            for stage, width in zip(_FULL.lite[4:], (24, 24, 32), strict=True)
        ),
    ),
    400,  # as many as the copy part has numbers, and some more
)


def network(seed: int = 3, *, exponent: float = 3.0, projected: bool = True) -> EmbeddingNetwork:
    """A network in evaluation mode; the same seed and size always give the same one."""
    return deepcopy(_network(seed, exponent, projected, resnet34.STAGES))


def two_readings(seed: int = 3, *, glancing: bool = False) -> TwoReadings:
    """The network with a copy and a likeness part, in evaluation mode; the same seed gives the same one."""
    return deepcopy(_two_readings(seed, glancing, efficientnet_lite.STAGES))


@contextmanager
def slim(*, whether: bool = True) -> Iterator[None]:
    """Give both architectures fewer channels, and the ResNet fewer blocks, until the end of the block.

    Names and kinds of layers, the trunk's maps and the length of an embedding stay as they are. A file that
    was written with the one size cannot be read with the other.

    Args:
        whether: False brings the full size back, inside a block that took it away.
    """
    stages = _SLIM if whether else _FULL
    with pytest.MonkeyPatch.context() as patch:
        for module in (resnet34, export):
            patch.setattr(module, "STAGES", stages.resnet)
        patch.setattr(efficientnet_lite, "STAGES", stages.lite)
        for module in (efficientnet_lite, tails):
            patch.setattr(module, "FEATURES", stages.features)
        yield


@cache  # drawing 21 million weights twice, once by PyTorch itself, takes four times as long as copying
def _network(seed: int, exponent: float, projected: bool, _: object) -> EmbeddingNetwork:
    return _drawn(EmbeddingNetwork(exponent=exponent, projected=projected), seed)


@cache
def _two_readings(seed: int, glancing: bool, _: object) -> TwoReadings:
    made = _drawn(TwoReadings(glance=Glance(COPY, 5) if glancing else None), seed)
    if made.glance is not None:
        centres = torch.randn(5, COPY, generator=torch.Generator().manual_seed(seed))
        made.glance.negatives.centres.copy_(nn.functional.normalize(centres, dim=1))
    return made


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
