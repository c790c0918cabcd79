"""The real program takes back what was done to the files of duplicates."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from groups import tree
from program import Program

ACT = """
import sys
from pathlib import Path
from groups import choice
from lookalike.collection.duplicates.acting import Action, apply
kind, collection, folder, keep, *others = sys.argv[1:]
chosen = choice(Path(keep), *map(Path, others))
print(apply([chosen], Action(kind, Path(folder) if folder else None), Path(collection)).run)
"""


@pytest.fixture
def photos(program: Program) -> Path:
    folder = program.home / "photos"
    folder.mkdir()
    program.collection.mkdir()
    for name in ("a.jpg", "b\n.jpg", "c.jpg"):
        (folder / name).write_bytes(b"one picture")
    return folder


def act(program: Program, kind: str, *others: Path, folder: str = "") -> str:
    """Act on duplicates as this program's user; returns the action's name."""
    keep = program.home / "photos" / "a.jpg"
    done = subprocess.run(
        [sys.executable, "-c", ACT, kind, program.collection, folder, keep, *others],
        env=program.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_last_action_a_named_one_and_all(program: Program, photos: Path) -> None:
    before = tree(photos)
    away = str(program.home / "away")
    first = act(program, "trash", photos / "b\n.jpg")
    second = act(program, "move", photos / "c.jpg", folder=away)
    assert tree(photos).keys() == {b"a.jpg"}
    told = program.here("undo", "--list")
    assert [line.split(maxsplit=2) for line in told.out.splitlines()] == [
        ["action", "files", "were"],
        [first, "1", "put into the trash"],
        [second, "1", "moved"],
    ]
    listed = program.here("undo", "--list", "--json").json
    assert listed["actions"][1] == {
        "name": second,
        "files": [{"path": str(photos / "c.jpg"), "action": "move", "tried": False}],
    }
    done = program.here("undo")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"  {photos}/c.jpg\n1 file is back; to find it again: lookalike index PATH\n"
    assert program.here("undo", first).out.startswith(f"  {photos}/b\\n.jpg\n1 file is back; ")
    assert tree(photos) == before
    act(program, "hardlink", photos / "b\n.jpg")
    act(program, "trash", photos / "c.jpg")
    answer = program.here("undo", "--all", "--json").json
    assert answer["schema"] == "lookalike.undo/1"
    assert len(answer["actions"]) == 2
    assert (answer["restored"], answer["refused"]) == ([str(photos / "c.jpg"), str(photos / "b\n.jpg")], [])
    assert tree(photos) == before
    assert program.here("undo", "--list").out == "nothing to take back\n"


def test_what_is_refused(program: Program, photos: Path) -> None:
    none = program.here("undo")
    assert (none.code, none.out) == (3, "")
    assert none.err == f"lookalike: nothing to take back for the collection at {program.collection}\n"
    assert program.here("undo", "--all", "--list").code == 2
    name = act(program, "trash", photos / "c.jpg")
    assert program.here("undo", "20200101-000000").code == 3
    (photos / "c.jpg").write_bytes(b"new here")
    done = program.here("undo", name)
    assert done.code == 1
    assert done.out == "0 files are back.\n"
    assert done.err.startswith(f"  {photos}/c.jpg: another file has come there since; the old one lies at ")
    assert (photos / "c.jpg").read_bytes() == b"new here"
    answer = program.here("undo", "--json")
    assert (answer.code, answer.err) == (1, "")
    assert answer.json["refused"][0]["path"] == str(photos / "c.jpg")


def test_the_next_undo_goes_past_what_cannot_be_taken_back(program: Program, photos: Path) -> None:
    earlier = act(program, "trash", photos / "c.jpg")
    later = act(program, "move", photos / "b\n.jpg", folder="away")
    (photos / "b\n.jpg").write_bytes(b"new here")
    done = program.here("undo")
    assert done.code == 1
    assert f"To try these again: lookalike undo {later}; lookalike undo goes on with" in done.err
    listed = program.here("undo", "--list", "--json").json["actions"]
    assert [(action["name"], action["files"][0]["tried"]) for action in listed] == [
        (earlier, False),
        (later, True),
    ]
    assert program.here("undo", "--json").json["actions"] == [earlier]
    (photos / "b\n.jpg").unlink()
    assert program.here("undo", later).code == 0


def test_of_an_emptied_trash_nothing_is_advised_that_cannot_work(program: Program, photos: Path) -> None:
    files = [photos / f"{number:02}.jpg" for number in range(12)]
    for file in files:
        file.write_bytes(b"one picture")
    name = act(program, "trash", *files)
    shutil.rmtree(program.home / ".local" / "share" / "Trash")
    done = program.here("undo")
    assert (done.code, done.out) == (1, "0 files are back.\n")
    first, *shown, last = done.err.splitlines()
    assert first == "12 files not found in the trash; if it was emptied, nothing brings them back:"
    assert (len(shown), last) == (10, "  and 2 more (all with --json)")
    assert set(shown) < {f"  {file}" for file in files}
    again = program.here("undo", name, "--json")
    assert (again.code, len(again.json["refused"])) == (1, 12)
