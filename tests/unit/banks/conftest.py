"""Collections with banks to change, and one to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tiny_model
from lookalike import Collection, Settings
from lookalike.banks import Banks
from pictures import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures."""
    write(tmp_path / "pictures", 6)
    return tmp_path / "pictures"


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Empty, by a model that takes no time."""
    model = tiny_model.write(tmp_path / "tiny.onnx", seed=1)
    settings = Settings(collection=tmp_path / "collection", model=str(model), threads=2)
    with Collection.open(create=True, settings=settings) as opened:
        yield opened


@pytest.fixture
def banks(collection: Collection) -> Banks:
    return Banks(collection)
