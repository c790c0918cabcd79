"""Embedders: networks that turn RGB pictures into vectors, loaded by name.

- ``base`` says what an embedder is, ``network`` is what all that run one share, ``checking`` holds vectors to
  what is promised, and ``preprocess`` makes pixels.
- ONNX: ``onnx`` opens a file with its card inside, ``described`` any file with a description beside it,
  ``external`` the weights in files beside it; ``sessions`` runs them.
- Names: ``registry`` finds an embedder by its name, ``plugins`` those of other packages, and ``brought``
  stands for one that is not here. ``providers`` are our own plug-ins: SSCD, timm, open_clip, MobileNet.
"""

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.described import DescribedEmbedder
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.plugins import Offer, Provider, provider, provider_names
from lookalike.embed.registry import ModelFile, available_models, load_embedder

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
