"""A PyTorch network as an embedder, for models that other packages bring.

PyTorch is imported here: import this module only when such a model is loaded.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lookalike.embed.base import ModelCard
from lookalike.embed.network import NetworkEmbedder
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors

Prepare = Callable[[Image.Image], Tensor]
"""An RGB picture to what a module takes, (channels, h, w) float32."""


class TorchEmbedder(NetworkEmbedder):
    """Any module that maps a batch of prepared pictures to vectors; runs on the CPU in float32."""

    def __init__(self, module: nn.Module, prepare: Prepare, card: ModelCard, preparation: str) -> None:
        """Wrap a module.

        Args:
            module: (n, channels, h, w) float32 to (n, ``card.dim``).
            prepare: an RGB picture to (channels, h, w) float32.
            card: facts about it.
            preparation: text that changes whenever ``prepare`` does; part of the fingerprint.
        """
        self._module, self._prepare = module.eval(), prepare
        digest = hashlib.sha256(f"{preparation}\n{weights_digest(module)}".encode())
        super().__init__(card, digest.hexdigest()[:32])
        self._one_at_a_time = threading.Lock()  # PyTorch uses all cores for one call

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        prepared = torch.stack([self._prepare(image) for image in images])
        with self._one_at_a_time, torch.inference_mode():
            vectors = nn.functional.normalize(self._module(prepared).float(), dim=1)
        return np.asarray(vectors.numpy(), np.float32)


def measured(card: ModelCard, module: nn.Module, prepare: Prepare) -> ModelCard:
    """The card with as many dimensions as a module gives for a grey picture.

    Raises:
        UsageError: it does not give one vector for one picture.
    """
    with torch.inference_mode():
        shape = module.eval()(prepare(Image.new("RGB", (card.side, card.side), "grey"))[None]).shape
    if len(shape) != 2:
        raise UsageError(f"{card.name} gives {tuple(shape)} for one picture, not (1, dimensions)")
    return replace(card, dim=int(shape[1]))


def weights_digest(network: nn.Module) -> str:
    """SHA-256 over names and values of a network's weights, as hexadecimal digits."""
    digest = hashlib.sha256()
    for name, values in network.state_dict().items():
        digest.update(name.encode())
        digest.update(values.numpy(force=True).tobytes())
    return digest.hexdigest()
