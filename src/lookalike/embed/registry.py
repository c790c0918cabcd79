"""Embedders by name: the bundled ones, ONNX files by their paths, and what plug-ins bring."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from lookalike.embed.base import Embedder
from lookalike.embed.network import PluggedEmbedder
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.errors import UsageError
from lookalike.paths import absolute

WEIGHTS = Path(__file__).parent / "weights"

_ahead: dict[str, Future[Embedder]] = {}
"""Embedders that are being opened before anybody needs them, by name; each is given out once."""


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
    if (ahead := _ahead.pop(name, None)) is not None:
        return ahead.result()
    known = {model.name: model.path for model in available_models()}
    if name in known or name.endswith(".onnx"):
        path = known.get(name) or absolute(name)
        return _kind(path)(path)
    # Modules for less common embedders are imported when one is named.
    from lookalike.embed.brought import PREFIX, BroughtEmbedder  # noqa: PLC0415
    from lookalike.embed.plugins import provider, provider_names  # noqa: PLC0415

    if name.startswith(PREFIX):
        return BroughtEmbedder(name)
    plugged = provider_names()
    if name.partition(":")[0] in plugged:
        return PluggedEmbedder(provider(name).load(name))
    choices = ", ".join([*known, *plugged])
    raise UsageError(f"unknown model {name!r}; use {choices} or the path of an .onnx file")


def open_ahead(name: str) -> Future[Embedder] | None:
    """Begin to open a network on another thread; the next ``load_embedder`` of this name waits for it.

    The runtime lets other threads of Python work meanwhile, such as one that imports modules. Errors are
    raised by ``load_embedder``.

    Args:
        name: as ``load_embedder`` takes it.

    Returns:
        What will be the embedder. None, and nothing is begun, if the name stands for no file: a plug-in
        imports packages, and two threads that import can hold each other up.
    """
    known = {model.name: model.path for model in available_models()}
    if name not in known and not name.endswith(".onnx"):
        return None
    path = known.get(name) or absolute(name)
    beside = ThreadPoolExecutor(1)
    _ahead[name] = beside.submit(_kind(path), path)
    beside.shutdown(wait=False)
    return _ahead[name]


def _kind(path: Path) -> Callable[[Path], Embedder]:
    """What opens an ONNX file: by the card inside of it, or by a description that lies beside it."""
    if not path.with_suffix(".json").exists():
        return OnnxEmbedder
    from lookalike.embed.described import DescribedEmbedder  # noqa: PLC0415

    return DescribedEmbedder
