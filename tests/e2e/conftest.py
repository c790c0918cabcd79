"""The program, with and without something indexed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept_looks import kept_looks
from pictures import write
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """With nothing indexed."""
    return Program(tmp_path / "home")


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """With eight pictures indexed, in the folder ``pictures`` of its home; no test may change anything."""
    program = Program(tmp_path_factory.mktemp("indexed"))
    write(program.home / "pictures", 8)
    assert program.here("index", "pictures").code == 0
    return program


@pytest.fixture(scope="module")
def looks_are_kept() -> Iterator[None]:
    """In this process the tests of a module look at each pair of pictures once; see ``kept_looks``."""
    with kept_looks():
        yield
