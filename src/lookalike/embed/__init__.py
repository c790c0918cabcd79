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

from typing import TYPE_CHECKING

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.registry import ModelFile, available_models, load_embedder
from lookalike.later import imported_later

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

__getattr__ = imported_later(
    __name__,
    {
        "described": ("DescribedEmbedder",),
        "plugins": ("Offer", "Provider", "provider", "provider_names"),
    },
)
