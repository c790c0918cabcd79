"""Any ONNX network as an embedder, with a small JSON file beside it that says how to feed it."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed.base import ModelCard
from lookalike.embed.external import external_data, fingerprint_of
from lookalike.embed.network import NetworkEmbedder
from lookalike.embed.onnx import read_model
from lookalike.embed.preprocess import PREPROCESSING, to_pixels
from lookalike.embed.sessions import open_session, run
from lookalike.errors import DamagedError, NotFoundError
from lookalike.kernels.arrays import Vectors

LARGEST_SIDE = 2048  # pixels
_HASH_DRIFT = 16  # bits of 256: unknown for a foreign network, so much
_LARGEST_NUMBER = 1e30  # far below what float32 holds, so that nothing computed from it overflows
_COLOURS, _LAYOUTS = ("rgb", "bgr"), ("nchw", "nhwc")


@dataclass(frozen=True, slots=True)
class Description:
    """What the JSON file says. Everything but ``side`` has a default.

    Attributes:
        side: the network takes squares of so many pixels.
        name: of the embedder.
        summary: one line about it.
        licence: of the weights.
        mean: subtracted from the channels, which are from 0 to 1.
        deviation: the channels are then divided by it.
        colour: order of the channels, "rgb" or "bgr".
        layout: "nchw" (channels before rows) or "nhwc".
        input: name of the input, if there are several.
        output: name of the output, if there are several.
        same_distance: cosine distance up to which two pictures count as similar, if they are no copies.
        copy_dim: how many of the output's first numbers form the copy part; see ``ModelCard``.
    """

    side: int
    name: str = ""
    summary: str = "an ONNX network"
    licence: str = "not stated"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    deviation: tuple[float, float, float] = (0.229, 0.224, 0.225)
    colour: str = "rgb"
    layout: str = "nchw"
    input: str = ""
    output: str = ""
    same_distance: float = 0.1
    copy_dim: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.side <= LARGEST_SIDE:
            raise ValueError(f"side must be from 1 to {LARGEST_SIDE}")
        if self.colour not in _COLOURS or self.layout not in _LAYOUTS:
            raise ValueError(f"colour must be one of {_COLOURS} and layout one of {_LAYOUTS}")
        if len(self.mean) != 3 or len(self.deviation) != 3 or min(self.deviation) <= 0:
            raise ValueError("mean and deviation must have three numbers each, deviations above 0")
        if not 0 < self.same_distance < 2:
            raise ValueError("same_distance must be between 0 and 2")
        if self.copy_dim < 0:
            raise ValueError("copy_dim must be 0 or more")


def read_description(path: Path) -> Description:
    """Read a description.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no JSON object, or has an unknown key or a value of the wrong type.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(given, dict):
            raise ValueError("it is no JSON object")
        known = {field.name: str(field.type) for field in fields(Description)}
        if unknown := sorted(set(given) - set(known)):
            raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(known)}")
        if "side" not in given:
            raise ValueError("it does not say which side, in pixels, the network's input has")
        return Description(**{key: _value(key, value, known[key]) for key, value in given.items()})
    except OSError as error:
        raise NotFoundError(f"description {path} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise DamagedError(f"description {path} cannot be used: it is nested too deeply") from error
    except ValueError as error:
        raise DamagedError(f"description {path} cannot be used: {error}") from error


class DescribedEmbedder(NetworkEmbedder):
    """An ONNX file and its description as an embedder; pictures are squashed, outputs made unit length."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` and the ``.json`` file of the same name, and try the network on a grey picture.

        Raises:
            NotFoundError: one of the files, or the network's external data beside it, is missing.
            DamagedError: one of them is not what it should be, or they do not fit together.
        """
        model, about = read_model(path), read_description(path.with_suffix(".json"))
        self._about, self._path = about, path
        data = external_data(model, path)
        self._session = open_session(model, path, data)
        self._input = self._only([node.name for node in self._session.get_inputs()], about.input, "input")
        self._output = self._only([node.name for node in self._session.get_outputs()], about.output, "output")
        shape = self._run(np.full((1, about.side, about.side, 3), 127, np.uint8)).shape
        if len(shape) != 2 or shape[0] != 1:
            raise DamagedError(
                f"output {self._output!r} of {path} has shape {shape} for one picture, not (1, dimensions); "
                "name another output in the description"
            )
        if about.copy_dim > shape[1]:
            raise DamagedError(
                f"output {self._output!r} of {path} has {shape[1]} numbers, "
                f"so copy_dim cannot be {about.copy_dim}"
            )
        card = ModelCard(
            about.name or path.stem,
            about.summary,
            about.licence,
            shape[1],
            about.side,
            about.same_distance,
            _HASH_DRIFT,
            about.copy_dim,
        )
        description = json.dumps(_decisive(about), sort_keys=True)
        preparation = f"{PREPROCESSING}\n{description}\n".encode()
        super().__init__(card, fingerprint_of(preparation, model, data))

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        vectors = self._run(to_pixels(images, self._about.side))
        if vectors.ndim != 2:
            return vectors  # not what it gave for the grey picture; ``embed`` refuses it
        with np.errstate(over="ignore", invalid="ignore"):
            vectors = vectors.astype(np.float32)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)

    def _run(self, pixels: NDArray[np.uint8]) -> NDArray[Any]:
        """The network's output for (n, side, side, 3) pixels."""
        about = self._about
        mean, deviation = (np.array(values, np.float32) for values in (about.mean, about.deviation))
        floats = (pixels.astype(np.float32) / 255 - mean) / deviation
        if about.colour == "bgr":
            floats = floats[..., ::-1]
        if about.layout == "nchw":
            floats = floats.transpose(0, 3, 1, 2)
        return run(self._session, self._output, {self._input: np.ascontiguousarray(floats)}, self._path)

    def _only(self, names: list[str], wanted: str, kind: str) -> str:
        """The wanted name, or the only one."""
        if wanted in names:
            return wanted
        if wanted or len(names) != 1:
            raise DamagedError(
                f"{self._path} has the {kind}s {', '.join(names)}; name one of them as {kind!r} in "
                f"{self._path.with_suffix('.json').name}"
            )
        return names[0]


def _decisive(about: Description) -> dict[str, Any]:
    """The part of a description that its fingerprint covers: not ``copy_dim``, which changes no vector."""
    given = asdict(about)
    del given["copy_dim"]
    return given


def _value(key: str, value: object, kind: str) -> Any:
    """A value of the description in its type.

    Raises:
        ValueError: it has another.
    """
    numbers = isinstance(value, list) and all(_is_number(part) for part in value)
    right = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": _is_number(value),
        "str": isinstance(value, str),
    }
    if not right.get(kind, numbers):
        raise ValueError(f"{key} must be of type {kind}, not {reprlib.repr(value)}")
    return tuple(value) if isinstance(value, list) else value


def _is_number(value: object) -> bool:
    """Whether a value is a finite number that networks can compute with."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -_LARGEST_NUMBER < value < _LARGEST_NUMBER
