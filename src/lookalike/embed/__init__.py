"""Embedders: networks that turn RGB pictures into vectors, loaded by name.

- ``base`` says what an embedder is, ``network`` is what all that run one share, ``checking`` holds vectors to
  what is promised, and ``preprocess`` makes pixels.
- ONNX: ``onnx`` opens a file with its card inside, ``described`` any file with a description beside it,
  ``external`` the weights in files beside it; ``sessions`` runs them.
- Names: ``registry`` finds an embedder by its name, ``plugins`` those of other packages, and ``brought``
  stands for one that is not here. ``providers`` are our own plug-ins: SSCD, timm, open_clip, MobileNet.

``described`` and ``plugins`` are imported when they are first used: most collections need neither.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.registry import ModelFile, available_models, load_embedder

if TYPE_CHECKING:
    from lookalike.embed.described import DescribedEmbedder
    from lookalike.embed.plugins import Offer, Provider, provider, provider_names

__all__ = [
    "Embedder",
    "ModelCard",
    "ModelFile",
    "OnnxEmbedder",
    "DescribedEmbedder",
    "Offer",
    "Provider",
    "provider",
    "provider_names",
    "available_models",
    "load_embedder",
]

_HOMES = {
    "DescribedEmbedder": "described",
    "Offer": "plugins",
    "Provider": "plugins",
    "provider": "plugins",
    "provider_names": "plugins",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
