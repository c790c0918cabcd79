"""A PyTorch network as an embedder, for models that other packages bring."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.checkpoints import weights_digest


class TorchEmbedder:
    """Any module that maps a batch of prepared pictures to vectors; runs on the CPU in float32."""

    def __init__(
        self, module: nn.Module, prepare: Callable[[Image.Image], Tensor], card: ModelCard, preparation: str
    ) -> None:
        """Wrap a module.

        Args:
            module: (n, channels, h, w) float32 to (n, ``card.dim``).
            prepare: an RGB picture to (channels, h, w) float32.
            card: facts about it.
            preparation: text that changes whenever ``prepare`` does; part of the fingerprint.
        """
        self._module, self._prepare, self._card = module.eval(), prepare, card
        digest = hashlib.sha256(f"{preparation}\n{weights_digest(module)}".encode())
        self._fingerprint = digest.hexdigest()[:32]
        self._one_at_a_time = threading.Lock()  # PyTorch uses all cores for one call

    @property
    def card(self) -> ModelCard:
        """As given."""
        return self._card

    @property
    def fingerprint(self) -> str:
        """Hash of weights and preparation, 32 hexadecimal digits."""
        return self._fingerprint

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures; see ``Embedder.embed``."""
        if not images:
            return np.empty((0, self._card.dim), np.float32)
        prepared = torch.stack([self._prepare(image) for image in images])
        with self._one_at_a_time, torch.inference_mode():
            vectors = nn.functional.normalize(self._module(prepared).float(), dim=1)
        return np.asarray(vectors.numpy(), np.float32)
