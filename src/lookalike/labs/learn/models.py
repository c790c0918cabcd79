"""A trained model: the network, what it was trained at, and its classes where it knows some."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lookalike.disk import replacing
from lookalike.embed import ModelCard
from lookalike.errors import DamagedError, UsageError
from lookalike.labs.learn.glance import Glance
from lookalike.labs.learn.network import DIM, EmbeddingNetwork
from lookalike.labs.learn.onnx_weights import Network
from lookalike.labs.learn.two_readings import COPY, TwoReadings

FORMAT = "lookalike-model/1"
_TWO_READINGS = "two readings"
_HASH_DRIFT = 4  # bits, as measured for the bundled network


class ClassifierNetwork(nn.Module):
    """An embedding network with a linear head: normalised RGB to one score a class."""

    def __init__(self, network: Network, head: nn.Linear) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) float32 to (n, classes) float32."""
        scores: Tensor = self.head(self.network.features(x))
        return scores


@dataclass(frozen=True, slots=True)
class Model:
    """What training starts from and ends with.

    Attributes:
        network: the part that embeds.
        side: pixels a side of the pictures that it was trained on.
        classes: names, in the order of the head's scores; empty without a head.
        head: linear, 512 to the number of classes; None for a network without classes.
    """

    network: Network
    side: int
    classes: tuple[str, ...] = ()
    head: nn.Linear | None = None

    def with_classes(self, classes: tuple[str, ...], seed: int) -> Model:
        """The same network with a new head, drawn by ``seed``."""
        head = nn.Linear(DIM, len(classes))
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(head.weight, std=0.01, generator=generator)
        nn.init.zeros_(head.bias)
        return replace(self, classes=classes, head=head)

    def card(self, name: str, licence: str, same_distance: float) -> ModelCard:
        """The card of the embedder that this model is without its head.

        Args:
            name: of the embedder.
            licence: of the weights.
            same_distance: see ``ModelCard``.
        """
        architecture = self.network.architecture
        return ModelCard(
            name=name,
            summary=f"{architecture}, {len(self.classes)} classes" if self.classes else architecture,
            licence=licence,
            dim=DIM,
            side=self.side,
            same_distance=same_distance,
            hash_drift=_HASH_DRIFT,
            copy_dim=self.network.copy_dim,
        )

    def classifier(self) -> ClassifierNetwork:
        """Network and head as one.

        Raises:
            UsageError: there is no head.
        """
        if self.head is None:
            raise UsageError("this model has no classes; train it first")
        return ClassifierNetwork(self.network, self.head)


def save_model(model: Model, path: Path) -> None:
    """Write a model to a file, replaced whole."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "side": model.side,
        **_shape(model.network),
        "network": model.network.state_dict(),
        "classes": list(model.classes),
        "head": None if model.head is None else model.head.state_dict(),
    }
    with replacing(path) as file:
        torch.save(content, file)


def from_content(content: dict[str, Any], path: Path) -> Model:
    """What ``save_model`` wrote.

    Args:
        content: as ``torch.load(..., weights_only=True)`` gives it; nothing in it is trusted.
        path: for messages.

    Raises:
        DamagedError: something is missing or of the wrong kind or shape.
    """
    if content["format"] != FORMAT:
        raise DamagedError(f"{path} is a model of another version: {content['format']!r}, not {FORMAT!r}")
    try:
        network: Network
        if content.get("body") == _TWO_READINGS:
            centres = content["network"].get("glance.negatives.centres")
            network = TwoReadings(glance=None if centres is None else Glance(COPY, len(centres)))
        else:
            network = EmbeddingNetwork(exponent=content["exponent"], projected=content["projected"])
        network.load_state_dict(content["network"])
        classes = tuple(str(name) for name in content["classes"])
        head = None
        if content["head"] is not None:
            head = nn.Linear(DIM, len(classes))
            head.load_state_dict(content["head"])
        return Model(network.eval(), int(content["side"]), classes, head)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DamagedError(f"{path} holds no complete model: {error}") from error


def _shape(network: Network) -> dict[str, Any]:
    """What has to be known to build a network anew."""
    if isinstance(network, TwoReadings):
        return {"body": _TWO_READINGS}
    return {
        "exponent": float(network.exponent),
        "projected": isinstance(network.projection, nn.Linear),
    }
