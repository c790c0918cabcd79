"""Embedders: networks that turn RGB pictures into vectors, loaded by name."""

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.checking import embed_each
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
    "embed_each",
]
