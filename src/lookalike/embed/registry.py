"""Embedders by name: the bundled ones, ONNX files by their paths, and what plug-ins bring."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lookalike.embed.base import Embedder
from lookalike.embed.brought import PREFIX, BroughtEmbedder
from lookalike.embed.described import DescribedEmbedder
from lookalike.embed.network import PluggedEmbedder
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.plugins import provider, provider_names
from lookalike.errors import UsageError
from lookalike.paths import absolute

WEIGHTS = Path(__file__).parent / "weights"


class ModelFile(NamedTuple):
    """A model inside the package.

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
        name: a bundled model's name; the path of an ``.onnx`` file, with its card inside or a description
            in a ``.json`` file beside it; a name that a plug-in answers for, such as ``timm:resnet18``; or
            one of vectors that were made elsewhere, such as ``vectors:clip-b32:512``.

    Raises:
        UsageError: none of these.
        NotFoundError: the file cannot be read.
        DamagedError: the file is not an embedder.
        MissingExtra: the plug-in needs a package that is not installed.
    """
    known = {model.name: model.path for model in available_models()}
    if name in known:
        return OnnxEmbedder(known[name])
    if name.endswith(".onnx"):
        path = absolute(name)
        return DescribedEmbedder(path) if path.with_suffix(".json").exists() else OnnxEmbedder(path)
    if name.startswith(PREFIX):
        return BroughtEmbedder(name)
    plugged = provider_names()
    if name.partition(":")[0] in plugged:
        return PluggedEmbedder(provider(name).load(name))
    choices = ", ".join([*known, *plugged])
    raise UsageError(f"unknown model {name!r}; use {choices} or the path of an .onnx file")
