"""Bundled networks, and what they computed, kept as long as this process runs.

Each session is the real one of the product. Opening one computes for 60 ms, which is most of what a command
costs that a test runs in this process, and reading and hashing its file for 11 ms more, each time that a
collection is opened. A session may be used by many threads at once. To embed one picture computes for 25 ms,
and tests draw the same few pictures again and again: for the same pixels a session gives what it gave before.
Tests of the embedders themselves run with ``remembering(False)``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.embed import onnx, registry
from lookalike.embed.onnx import OnnxEmbedder
from lookalike.embed.registry import WEIGHTS
from lookalike.embed.sessions import open_session


class _Session:
    """A session that computes the vectors of a batch once."""

    remembers = True

    def __init__(self, session: Any) -> None:
        self._session = session
        self._known: dict[tuple[bytes, tuple[int, ...]], list[NDArray[Any]]] = {}

    def get_modelmeta(self) -> Any:
        return self._session.get_modelmeta()

    def run(self, outputs: list[str], given: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """What the session gives for its one input.

        A batch is known as a whole, since the last digits of a row depend on the rows beside it.
        """
        (batch,) = given.values()
        key = hashlib.sha256(np.ascontiguousarray(batch)).digest(), batch.shape
        if not self.remembers or key not in self._known:
            self._known[key] = self._session.run(outputs, given)
        return [array.copy() for array in self._known[key]]


@contextmanager
def kept_sessions() -> Iterator[None]:
    """Let a bundled network be read once and have one session, until the end of the ``with`` block."""
    kept: dict[tuple[Path, int], _Session] = {}
    embedders: dict[Path, OnnxEmbedder] = {}

    def reopen(model: bytes, path: Path, data: Mapping[str, bytes] | None = None) -> Any:
        if not path.is_relative_to(WEIGHTS):
            return open_session(model, path, data)
        place = (path, hash(model))
        if place not in kept:
            kept[place] = _Session(open_session(model, path, data))
        return kept[place]

    def load(path: Path) -> OnnxEmbedder:
        if not path.is_relative_to(WEIGHTS):
            return OnnxEmbedder(path)
        if path not in embedders:
            embedders[path] = OnnxEmbedder(path)
        return copy(embedders[path])  # another object, as from each load

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx, "open_session", reopen)
        patch.setattr(registry, "OnnxEmbedder", load)
        yield


@contextmanager
def remembering(whether: bool) -> Iterator[None]:
    """Let sessions compute each vector anew, or not, until the end of the ``with`` block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Session, "remembers", whether)
        yield
