"""Where weights come from: files of ours and of torchvision's, ONNX embedders, the web."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import torch
from torch import Tensor

from lookalike.embed.registry import WEIGHTS
from lookalike.errors import DamagedError, NotFoundError
from lookalike.labs.learn.downloads import download
from lookalike.labs.learn.models import Model, from_content
from lookalike.labs.learn.network import EmbeddingNetwork
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.paths import absolute

IMAGENET = "resnet34-imagenet"
"""Torchvision's ResNet-34, trained on ImageNet by its authors, BSD-3-Clause."""

IMAGENET_URL = "https://download.pytorch.org/models/resnet34-b627a593.pth#sha256=b627a593"
IMAGENET_SIDE = 224
_HEAD = "fc."  # of the published checkpoints; the embedding network has none


def load_model(source: str) -> Model:
    """Load a network to train, evaluate or export.

    Args:
        source: a bundled embedder's name; ``resnet34-imagenet``; a file that ``lab train`` wrote; a state
            dict with torchvision's names (``.pth``, ``.pt``); an ``.onnx`` file that ``lab export`` wrote; or
            the URL of such a state dict, with ``#sha256=HEX`` where its hash is known.

    Raises:
        NotFoundError: there is no such file, or the web does not give it.
        DamagedError: it is something else, or its hash is another.
    """
    if source == IMAGENET:
        return load_model(IMAGENET_URL)
    if urlsplit(source).scheme in ("http", "https"):
        return _from_torch(download(source))
    bundled = WEIGHTS / f"{source}.onnx"
    path = bundled if bundled.exists() and "/" not in source else absolute(source)
    if path.suffix == ".onnx":
        return Model(read_network(path), _side(path))
    return _from_torch(path)


def _side(path: Path) -> int:
    from lookalike.embed import OnnxEmbedder  # noqa: PLC0415

    return OnnxEmbedder(path).card.side


def _from_torch(path: Path) -> Model:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise NotFoundError(f"weights {path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # torch names no base class for what its reader may raise
        raise DamagedError(f"{path} is no PyTorch checkpoint that can be loaded safely") from error
    if not isinstance(content, dict):
        raise DamagedError(f"{path} holds a {type(content).__name__}, not weights by name")
    if "format" in content:
        return from_content(content, path)
    return _from_state(content, path)


def _from_state(content: dict[str, Tensor], path: Path) -> Model:
    """A network from a state dict with torchvision's names."""
    network = EmbeddingNetwork()
    wanted = network.body.state_dict()
    given = {name: values for name, values in content.items() if not name.startswith(_HEAD)}
    for name, values in wanted.items():
        counter = name.endswith("num_batches_tracked")  # which old checkpoints lack
        if name not in given and not counter:
            raise DamagedError(f"{path} is no ResNet-34: it lacks {name}")
        if name in given and given[name].shape != values.shape:
            shapes = f"{tuple(given[name].shape)}, not {tuple(values.shape)}"
            raise DamagedError(f"{path} is no ResNet-34: {name} has shape {shapes}")
    unknown = sorted(set(given) - set(wanted))
    if unknown:
        raise DamagedError(f"{path} is no ResNet-34: it has a weight {unknown[0]}")
    network.body.load_state_dict(wanted | given)
    return Model(network.eval(), IMAGENET_SIDE)
