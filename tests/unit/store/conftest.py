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
def store(file: Path) -> Iterator[Store]:
    """An empty catalog."""
    with closing(Database(file, create=True)) as database:
        yield Store(database)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a catalog lies in a folder that is not there yet."""
    return tmp_path / "folder" / "catalog.sqlite"
