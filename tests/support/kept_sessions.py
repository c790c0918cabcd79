"""Sessions of the bundled networks, kept from one embedder of this process to the next.

Each is the real session of the product. Opening one computes for a sixteenth of a second, which is most of
what a command costs that a test runs in this process; a session may be used by many threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lookalike.embed import onnx
from lookalike.embed.registry import WEIGHTS
from lookalike.embed.sessions import open_session


@contextmanager
def kept_sessions() -> Iterator[None]:
    """Let embedders of a bundled network share one session, until the end of the ``with`` block."""
    kept: dict[tuple[Path, int], Any] = {}

    def reopen(model: bytes, path: Path, data: Mapping[str, bytes] | None = None) -> Any:
        if not path.is_relative_to(WEIGHTS):
            return open_session(model, path, data)
        place = (path, hash(model))
        if place not in kept:
            kept[place] = open_session(model, path, data)
        return kept[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx, "open_session", reopen)
        yield
