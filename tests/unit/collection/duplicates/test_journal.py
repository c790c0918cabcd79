"""The journal: what it holds is what was written, and damage to it is told or passed over."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest

from groups import choice, tree
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.step import Step
from lookalike.collection.duplicates.undoing import undo
from lookalike.errors import DamagedError, StorageError, UsageError

STEP = Step(
    run="20260131-154502",
    number=1,
    action="move",
    path=Path(os.fsdecode(b"/photos/\xff\nb.jpg")),
    kept=Path("/photos/a.jpg"),
    sha256="ab" * 32,
    mode=0o640,
    modified=1_234_567_890_123_456_789,
    target=Path("/away/b.jpg"),
    folder=Path("/away"),
)


def test_steps_come_back_as_they_were_written(store: Path) -> None:
    trashed = Step("20260131-154502", 2, "trash", STEP.path, STEP.kept, STEP.sha256, 0, 0)
    with Journal.opened(store) as journal:
        for step in (STEP, trashed):
            journal.intend(step)
        assert (store / "duplicates.jsonl").read_bytes().count(b"\n") == 2
        journal.mark(STEP, "done")
    read = Journal.read(store)
    assert (read.steps("done"), read.steps("intended"), read.steps("undone")) == ([STEP], [trashed], [])
    assert read.runs() == [STEP.run]
    with Journal.opened(store) as journal:
        journal.mark(STEP, "undone")
        journal.mark(trashed, "void")
    assert Journal.read(store).runs() == []
    assert Journal.read(store).knows(STEP.run)


def test_every_action_has_a_name_of_its_own(store: Path) -> None:
    with Journal.opened(store) as journal:
        names = []
        for _ in range(3):
            names.append(journal.new_run())
            journal.intend(Step(names[-1], 1, "trash", STEP.path, STEP.kept, STEP.sha256, 0, 0))
    assert len(set(names)) == 3
    assert Journal.read(store).runs() == names


def test_a_line_that_was_cut_short_is_passed_over(store: Path) -> None:
    path = store / "duplicates.jsonl"
    with Journal.opened(store) as journal:
        journal.intend(STEP)
    whole = path.read_bytes()
    for cut in (1, len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole + whole[:cut])
        assert Journal.read(store).steps("intended") == [STEP]
        with Journal.opened(store) as journal:
            journal.mark(STEP, "done")
        assert Journal.read(store).steps("done") == [STEP]


@pytest.mark.usefixtures("home")
def test_a_full_disk_stops_the_action_before_the_file_is_touched(photos: Path, store: Path) -> None:
    chosen = [choice(photos / "a.jpg", photos / "2021" / "b.jpg")]
    before = tree(photos)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(StorageError, match=r"the journal .* cannot be written: No space left on device"):
            apply(chosen, Action("trash"), store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert tree(photos) == before
    assert len(apply(chosen, Action("trash"), store).done) == 1
    undo(store)
    assert tree(photos) == before


RECORD = {"v": 1, **STEP.to_json(), "state": "intended"}


@pytest.mark.parametrize(
    "change",
    [
        {"run": "../../somewhere"},
        {"number": "1"},
        {"action": "delete"},
        {"path": "photos/b.jpg"},
        {"target": ""},
        {"sha256": "abc"},
        {"mode": None},
        {"state": "forgotten"},
        {"state": "done"},
        {"run": []},
        {"more": 1},
    ],
)
def test_a_line_that_is_no_step_is_told(change: dict[str, object], store: Path) -> None:
    (store / "duplicates.jsonl").write_text("\n" + json.dumps({**RECORD, **change}) + "\n")
    with pytest.raises(DamagedError, match=r"line 2 of the journal .* is no step"):
        Journal.read(store)
    with pytest.raises(DamagedError):
        undo(store)


@pytest.mark.parametrize("line", ["[]", "1", '"text"', "null", "{}"])
def test_json_that_is_no_object_is_told(line: str, store: Path) -> None:
    (store / "duplicates.jsonl").write_text(line + "\n")
    with pytest.raises(DamagedError, match="line 1"):
        Journal.read(store)


def test_a_newer_version_is_told(store: Path) -> None:
    (store / "duplicates.jsonl").write_text(json.dumps({**RECORD, "v": 3, "more": 1}) + "\n")
    with pytest.raises(UsageError, match="newer version"):
        Journal.read(store)


def test_what_cannot_be_read_is_told(store: Path) -> None:
    (store / "duplicates.jsonl").mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        Journal.read(store)
    with pytest.raises(StorageError, match="cannot be written"), Journal.opened(store):
        pass
