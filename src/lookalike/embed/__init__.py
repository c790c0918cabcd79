"""RGB pictures to vectors."""

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.registry import ModelFile, available_models, load_embedder

__all__ = ["Embedder", "ModelCard", "ModelFile", "OnnxEmbedder", "available_models", "load_embedder"]
