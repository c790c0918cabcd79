"""External data of ONNX files: weights that lie in files of their own, beside the model.

A model says where they lie, and a model can come from anybody. So its content is walked through before the
runtime sees it, only plain names of files in the model's folder are taken, and the runtime is given their
bytes, of which the fingerprint is made, instead of looking for them itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from lookalike.errors import DamagedError, NotFoundError, reason_of

# onnx.proto: for each message, the fields that lead to tensors, by number.
_LEADS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_KEY = b"location"


def external_data(model: bytes, path: Path) -> dict[str, bytes]:
    """Read the external data of a model.

    Args:
        model: content of an ONNX file.
        path: of that file.

    Returns:
        For each name that the model gives, sorted, the content of the file of that name beside the model.

    Raises:
        DamagedError: the model cannot be read, or names a place that is not beside it.
        NotFoundError: a file is missing or cannot be read.
    """
    if _KEY not in model:
        return {}
    try:
        names = sorted(_locations(memoryview(model)))
    except (IndexError, ValueError) as error:
        raise DamagedError(f"model file {path} cannot be loaded: {error}") from error
    return {name: _beside(path, name) for name in names}


def fingerprint_of(preparation: bytes, model: bytes, data: Mapping[str, bytes]) -> str:
    """Hash how pictures are prepared, a model and its external data: 32 hexadecimal digits."""
    digest = hashlib.sha256(preparation)
    digest.update(model)
    for name, content in data.items():
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:32]


def _beside(path: Path, name: str) -> bytes:
    place = path.parent / name
    if name in ("", ".", "..") or any(sign in name for sign in "/\\:\0"):
        raise DamagedError(f"model file {path} looks for its data at {name!r}; only a file beside it is read")
    try:
        # A model can itself be a link, into a store of downloads where its data lies beside it, too.
        if place.resolve().parent not in (path.parent.resolve(), path.resolve().parent):
            raise DamagedError(f"the data {name!r} of model file {path} is a link that leads elsewhere")
        return place.read_bytes()
    except (OSError, RuntimeError) as error:  # a loop of links is one of these
        raise NotFoundError(
            f"the data {name!r} of model file {path} cannot be read: {reason_of(error)}"
        ) from error


def _locations(model: memoryview) -> set[str]:
    """Every place that a tensor anywhere in a model names for its data."""
    found: set[str] = set()
    messages = [("model", model)]
    while messages:
        kind, content = messages.pop()
        for number, value in _fields(content):
            inner = _LEADS[kind].get(number)
            if inner == "entry":
                entry = {part: bytes(text) for part, text in _fields(value)}
                if entry.get(1) == _KEY:
                    found.add(entry.get(2, b"").decode("utf-8", "surrogateescape"))
            elif inner:
                messages.append((inner, value))
    return found


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message that have a length, by number; other values are passed over.

    Raises:
        IndexError: the message ends inside a field.
        ValueError: it holds what no field can be.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        wire = tag & 7
        if wire == 0:
            _, at = _varint(message, at)
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        elif wire == 2:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError("it is no ONNX file")
    if at > len(message):
        raise IndexError("it is cut short")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number of protobuf's variable length, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("it is no ONNX file")
