from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from lookalike import Collection, load_settings
from lookalike.cli import freed
from lookalike.cli.ahead import begin
from lookalike.collection import queries
from lookalike.embed import Embedder, load_embedder
from lookalike.images import Limits
from pictures import draw

THREADS = "OPENBLAS_NUM_THREADS"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the process was told of its memory, which this one is not: whether it ends soon, each time."""
    calls: list[bool] = []
    monkeypatch.setattr(freed, "keep_freed_memory", lambda *, ends_soon=False: calls.append(ends_soon))
    return calls


def test_a_search_gives_no_memory_back_until_it_ends_and_other_commands_do(told: list[bool]) -> None:
    begin(["index", "red.png"])
    begin(["search", "--help"])
    assert told == []
    turn = sys.getswitchinterval()
    try:
        begin(["search", "red.png"])
    finally:
        sys.setswitchinterval(turn)
    assert told == [True]


@pytest.mark.parametrize(
    ("arguments", "given", "then"),
    [
        (["index", "pictures"], None, "1"),
        (["duplicates"], None, "1"),
        ([], None, "1"),
        (["index", "pictures"], "3", "3"),
        (["lab", "train"], None, None),
    ],
)
def test_linear_algebra_gets_one_thread_but_in_labs_and_where_another_number_is_given(
    arguments: list[str], given: str | None, then: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS, given or "")
    if given is None:
        monkeypatch.delenv(THREADS)
    begin(arguments)
    assert os.environ.get(THREADS) == then


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection of one picture, ``red.png``, in the working folder."""
    monkeypatch.chdir(tmp_path)
    draw(1).save("red.png")
    with Collection.open("mine", create=True) as pictures:
        pictures.add(["red.png"])
    return tmp_path / "mine"


@pytest.mark.parametrize(
    ("arguments", "begun"),
    [
        (["search", "red.png", "--collection", "mine"], "red.png"),
        (["search", "--limit", "3", "--collection=mine", "./red.png"], "./red.png"),
        (["search", "https://example.org/red.png", "--collection", "mine"], None),
        (["search", "red.png", "--collection", "mine", "--server", "http://127.0.0.1:1"], None),
        (["index", "red.png", "--collection", "mine"], None),
    ],
)
@pytest.mark.usefixtures("collection")
def test_a_search_begins_with_the_file_that_it_names(
    arguments: list[str], begun: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, Limits]] = []

    def note(path: str, opening: Future[Embedder], limits: Limits) -> None:
        seen.append((path, opening.result().fingerprint, limits))

    monkeypatch.setattr(queries, "query_ahead", note)
    turn = sys.getswitchinterval()
    try:
        begin(arguments)
    finally:
        sys.setswitchinterval(turn)
    assert seen == ([(begun, load_embedder("lite0").fingerprint, load_settings().limits)] if begun else [])


def test_the_network_is_opened_before_modules_are_imported_that_it_does_not_need(collection: Path) -> None:
    """Those for pictures and for the catalog take as long as half of opening it."""
    told = """
import sys
from lookalike.cli import ahead
from lookalike.embed import registry
def begun(name):
    print(name, *sorted({"PIL", "cv2", "lookalike.store.catalog", "onnxruntime"} & sys.modules.keys()))
registry.open_ahead = begun
ahead.begin(["search", "red.png", "--collection", sys.argv[1]])
"""
    done = subprocess.run(
        [sys.executable, "-c", told, collection], capture_output=True, text=True, check=True
    )
    assert done.stdout == "lite0 onnxruntime\n"


def test_a_search_of_no_collection_begins_nothing(collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "query_ahead", pytest.fail)
    turn = sys.getswitchinterval()
    try:
        begin(["search", "red.png", "--collection", str(collection / "none")])
    finally:
        sys.setswitchinterval(turn)


def test_settings_that_can_be_read_only_once_are_left_to_the_command(
    collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = f"collection = '{collection}'\n".encode()
    reader, writer = os.pipe()  # as a shell makes it for LOOKALIKE_CONFIG=<(...)
    os.write(writer, settings)
    os.close(writer)
    monkeypatch.setenv("LOOKALIKE_CONFIG", f"/dev/fd/{reader}")
    turn = sys.getswitchinterval()
    try:
        begin(["search", "red.png"])
    finally:
        sys.setswitchinterval(turn)
    assert os.read(reader, 1000) == settings
    os.close(reader)
