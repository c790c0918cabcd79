"""Command lines that make no sense, and those that ask for the version or for help."""

from __future__ import annotations

import re

import pytest

from lookalike import __version__
from pictures import write
from program import Program


@pytest.mark.parametrize(
    "words",
    [
        ("search",),
        ("search", "a.png", "-k", "0"),
        ("search", "a.png", "-k", "many"),
        ("search", "pictures/picture-0000.png", "--metric", "cosin"),
        ("search", "pictures/picture-0000.png", "--recall", "1.5"),
        ("search", "a.png", "--limt", "3"),
        ("index",),
        ("index", "pictures", "--yes"),
        ("remove",),
        ("hash", "pictures/picture-0000.png", "--bits", "100"),
        ("compare", "pictures/picture-0000.png"),
        ("compare", "pictures/picture-0000.png", "pictures/picture-0000.png", "--max-distance", "3"),
        ("serch", "a.png"),
        (),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_exits_with_2(words: tuple[str, ...], indexed: Program) -> None:
    done = indexed.here(*words)
    assert done.code == 2
    assert done.out == "" or not words
    assert done.err or not words


@pytest.mark.parametrize(
    "words",
    [
        ("remove", ""),
        ("remove", "pictures/picture-0000.png", ""),
        ("index", ""),
        ("index", "--prune", ""),
        ("search", ""),
        ("hash", ""),
        ("compare", "pictures/picture-0000.png", ""),
        ("status", "--collection", ""),
        ("status", "--collection="),
        ("serve", "--token", ""),
        ("demo", "--out", ""),
        ("lab", "map", "", "--out", "out"),
        ("lab", "bench", "copies", "--pictures", ""),
    ],
    ids=" ".join,
)
def test_an_empty_argument_is_never_the_working_folder(words: tuple[str, ...], indexed: Program) -> None:
    """``remove "$PICTURES"`` where the variable was never set."""
    done = indexed(*words)
    assert (done.code, done.out) == (2, "")
    place = words.index("") if "" in words else len(words)
    before = words[place - 1].removesuffix("=")
    assert done.err == (
        f"lookalike: an empty argument after {before}; is a variable not set? "
        "(the working folder is called .)\n"
    )
    assert indexed.here("status", "--json").json["files"] == 8


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LOOKALIKE_THREADS", "many"), ("LOOKALIKE_MAX_PIXELS", "0"), ("LOOKALIKE_MODEL", "nonsense")],
)
def test_so_does_a_setting(variable: str, value: str, program: Program) -> None:
    write(program.home / "pictures", 1)
    done = program.here("index", "pictures", environment={variable: value})
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert value in done.err


def test_version_and_help(indexed: Program) -> None:
    assert indexed.here("--version").out == f"lookalike {__version__}\n"
    listed = indexed.here("--help")
    assert listed.code == 0
    for command in ("index", "search", "remove", "status", "verify", "hash", "compare", "models", "demo"):
        assert re.search(rf"^\W*{command}\s+[A-Z]", listed.out, re.MULTILINE), command
    helped = indexed.here("search", "--help")
    assert helped.code == 0
    for option in (
        "--collection",
        "--limit",
        "--metric",
        "--exact",
        "--recall",
        "--verdict",
        "--fpr",
        "--json",
    ):
        assert option in helped.out
