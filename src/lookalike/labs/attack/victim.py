"""The program under attack: its network twice, as the attacker differentiates it and as it really runs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lookalike.embed import Embedder, load_embedder
from lookalike.embed.preprocess import to_pixels
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.attack.judge import Labels, Seen
from lookalike.labs.attack.pipeline import network_input
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import Network
from lookalike.labs.shared.embedded import Embedded, embed_folder
from lookalike.settings import Settings

AT_ONCE = 16  # pictures through the network together


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained classifier, as PyTorch runs it.

    Attributes:
        network: normalised pictures to class scores.
        side: pixels a side that it takes.
        classes: names, in the order of the scores.
    """

    network: nn.Module
    side: int
    classes: tuple[str, ...]

    def labels(self, planes: Tensor) -> Labels:
        """The class of each normalised picture, (n,)."""
        with torch.inference_mode():
            scores = [self.network(part).argmax(1) for part in torch.split(planes, AT_ONCE)]
        return np.asarray(torch.cat(scores).cpu().numpy(), np.int64)


@dataclass(frozen=True, slots=True)
class Victim:
    """What is attacked and what judges.

    Attributes:
        embedder: the program's own.
        network: the same network for PyTorch, in evaluation mode, its weights fixed.
        known: the collection that is searched.
        classifier: gives labels; None without one.
        device: where PyTorch computes.
    """

    embedder: Embedder
    network: Network
    known: Embedded
    classifier: Classifier | None
    device: torch.device

    @property
    def side(self) -> int:
        """Pixels a side that the embedder sees."""
        return self.embedder.card.side

    def as_tensors(self, pictures: Sequence[Tensor]) -> Seen:
        """Pictures as PyTorch sees them, before they are rounded to 8 bits."""
        with torch.inference_mode():
            parts = [
                self.network(network_input(pictures[start : start + AT_ONCE], self.side))
                for start in range(0, len(pictures), AT_ONCE)
            ]
            labels = None
            if self.classifier is not None:
                labels = self.classifier.labels(network_input(pictures, self.classifier.side))
        return Seen(torch.cat(parts).cpu().numpy(), labels)

    def as_images(self, images: Sequence[Image.Image], threads: int) -> Seen:
        """Pictures as the program sees them."""
        labels = None
        if self.classifier is not None:
            pixels = torch.from_numpy(to_pixels(images, self.classifier.side)).to(self.device)
            labels = self.classifier.labels(normalised(pixels))
        return Seen(embed_all(self.embedder, images, threads), labels)


def embed_all(embedder: Embedder, images: Sequence[Image.Image], threads: int) -> Vectors:
    """Embed pictures on several threads, (n, dim)."""
    groups = [images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE)]
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(embedder.embed, groups)))


def load_classifier(path: Path, classes: tuple[str, ...], device: torch.device) -> Classifier:
    """Load what ``lab train`` wrote.

    Raises:
        UsageError: its classes are others than those of the pictures.
    """
    model = load_model(str(path))
    if model.classes != classes:
        raise UsageError(f"{path} knows other classes than the folder has; train it on that folder")
    network = model.classifier().eval().requires_grad_(requires_grad=False).to(device)
    return Classifier(network, model.side, model.classes)


def load_victim(
    folder: Path,
    model: str,
    classifier: Classifier | None,
    cache: Path,
    device: torch.device,
    settings: Settings,
) -> Victim:
    """Load both forms of a network and embed the collection.

    Args:
        folder: the collection's pictures.
        model: a bundled embedder or a file that ``lab export`` wrote: only those can be read back.
        classifier: for labels.
        cache: see ``embed_folder``.
        device: for PyTorch.
        settings: limits and threads.
    """
    embedder = load_embedder(model)
    network = load_model(model).network.eval().requires_grad_(requires_grad=False).to(device)
    return Victim(embedder, network, embed_folder(folder, embedder, cache, settings), classifier, device)
