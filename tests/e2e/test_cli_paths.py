"""Every command that takes a path, given one where nothing lies, or a folder, or a file that does not fit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pictures import write
from program import Program

VECTORS = ("index", "pictures", "--model", "vectors:theirs")
COMMANDS: dict[str, tuple[str, ...]] = {
    "search": ("search", "{}"),
    "compare": ("compare", "{}", "01.png"),
    "hash": ("hash", "{}"),
    "check": ("check", "{}"),
    "remove": ("remove", "{}"),
    "restore": ("restore", "{}", "--collection", "restored"),
    "bank import": ("bank", "import", "known", "{}"),
    "bank add": ("bank", "add", "known", "{}"),
    "index, vectors": (*VECTORS, "--vectors", "{}", "--ids", "text.txt"),
    "index, ids": (*VECTORS, "--vectors", "vectors.npy", "--ids", "{}"),
    "reembed": ("reembed", "--model", "{}"),
    "serve, token": ("serve", "--port", "0", "--token", "{}"),
}
WRITING: dict[str, tuple[str, ...]] = {
    "collection": ("index", "pictures", "--collection", "{}"),
    "backup": ("backup", "{}"),
    "bank export": ("bank", "export", "known", "{}"),
    "demo": ("demo", "--out", "{}"),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Program:
    program = Program(tmp_path_factory.mktemp("paths") / "home")
    first, *_ = write(program.home / "pictures", 2)
    os.link(first, program.home / "01.png")
    (program.home / "folder").mkdir()
    for folder in (program.home, program.home / "folder"):
        (folder / "text.txt").write_text("no picture, no list, no archive\n")
    assert program.here("index", "pictures").code == 0
    assert program.here("bank", "create", "known").code == 0
    return program


@pytest.mark.parametrize("place", ["nowhere", "folder", "text.txt"])
@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_path_that_does_not_fit_gets_one_clear_line(command: str, place: str, filled: Program) -> None:
    before = _tree(filled.home)
    done = filled.here(*(word.replace("{}", place) for word in COMMANDS[command]))
    assert done.code in (1, 2, 3, 4, 5), done
    told = [line for line in done.err.splitlines() if line.strip() and "No enabled bank" not in line]
    assert told, done
    assert any(word in done.err for word in (place, "line 1", "collection", "vectors")), done
    assert len(told) <= 2, done
    assert "Errno" not in done.err
    assert "Traceback" not in done.err
    assert _tree(filled.home) == before


@pytest.mark.parametrize("command", list(WRITING))
def test_a_place_that_cannot_be_written_to_gets_one_clear_line(command: str, filled: Program) -> None:
    """A file stands where a folder would have to be."""
    before = _tree(filled.home)
    done = filled.here(*(word.replace("{}", "text.txt/below") for word in WRITING[command]))
    assert done.code in (2, 5), done
    (told,) = [line for line in done.err.splitlines() if line.startswith("lookalike: ")]
    assert "text.txt" in told
    assert "Errno" not in told
    assert _tree(filled.home) == before


def _tree(home: Path) -> set[str]:
    """What lies in the home folder, the collection's own files aside."""
    return {str(path) for path in home.rglob("*") if "collection" not in path.parts}
