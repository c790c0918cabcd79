from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.store import Database
from stores import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the catalog lies."""
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """An empty catalog."""
    with closing(Database(file, create=True)) as opened:
        yield opened


@pytest.fixture
def store(database: Database) -> Store:
    """The same, with all that reads and writes it."""
    return Store(database)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a catalog lies in a folder that is not there yet."""
    return tmp_path / "folder" / "catalog.sqlite"
