"""Collections to look at and collections to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tiny_model
from lookalike import AddReport, Collection, Settings
from pictures import write

COUNT = 30


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 30 pictures that no test changes."""
    folder = tmp_path_factory.mktemp("gallery")
    write(folder, COUNT)
    return folder


@pytest.fixture(scope="session")
def filled(gallery: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection of them that no test changes, by the bundled model."""
    folder = tmp_path_factory.mktemp("filled")
    with Collection.open(folder, create=True, settings=Settings(threads=2)) as collection:
        assert collection.add([gallery]) == AddReport(added=COUNT)
        yield collection


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """For a collection to change, by a model that takes no time."""
    model = tiny_model.write(tmp_path / "tiny.onnx", seed=1)
    return Settings(collection=tmp_path / "collection", model=str(model), threads=2)


@pytest.fixture
def collection(settings: Settings) -> Iterator[Collection]:
    with Collection.open(create=True, settings=settings) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures to change."""
    write(tmp_path / "pictures", 6)
    return tmp_path / "pictures"
