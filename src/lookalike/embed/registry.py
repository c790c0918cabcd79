"""Embedders by name: the bundled ones, or any ONNX file by its path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lookalike.embed.base import Embedder
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.errors import UsageError
from lookalike.paths import absolute

WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that can be loaded.

    Attributes:
        name: as ``--model`` takes it.
        path: its file.
        bytes: size of the file.
    """

    name: str
    path: Path
    bytes: int


def available_models() -> list[ModelFile]:
    """The models inside the package, by name."""
    return [ModelFile(path.stem, path, path.stat().st_size) for path in sorted(WEIGHTS.glob("*.onnx"))]


def load_embedder(name: str) -> Embedder:
    """Load a model.

    Args:
        name: a bundled model's name, or the path of an ``.onnx`` file.

    Raises:
        UsageError: neither.
        NotFoundError: the file cannot be read.
        DamagedError: the file is not an embedder.
    """
    known = {model.name: model.path for model in available_models()}
    if name in known:
        return OnnxEmbedder(known[name])
    if name.endswith(".onnx"):
        return OnnxEmbedder(absolute(name))
    raise UsageError(f"unknown model {name!r}; use {', '.join(known)} or the path of an .onnx file")
