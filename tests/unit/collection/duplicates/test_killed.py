"""A process that acts on files is killed before each single thing that it does on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fresh import run_fresh
from groups import choice, tree
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.undoing import undo
from lookalike.errors import NotFoundError

BEFORE = {b"a.jpg": b"one picture", b"2021/b.jpg": b"one picture", b"2021/c.jpg": b"one picture"}

# The arguments are what to do, the kind of action, where moves lead, and folders to work in. In the n-th
# folder, a process dies right before the n-th thing that it does on the disk. The first that lives on to its
# end is the last.
PROGRAM = """
import os, signal, sys
from pathlib import Path
from send2trash import plat_other
from groups import choice
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.undoing import undo

what, kind, away, *folders = sys.argv[1:]
events = ("open", "os.link", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.utime", "os.chmod")

def act(top):
    others = top / "photos/2021/b.jpg", top / "photos/2021/c.jpg"
    action = Action(kind, Path(away) / top.name if away else None)
    apply([choice(top / "photos/a.jpg", *others)], action, top / "store")

def die_at(deadly):
    left = deadly
    def count(event, _):
        nonlocal left
        if event in events:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)

for number, top in enumerate(map(Path, folders), 1):
    data = top / "home"
    os.environ.update(HOME=str(data), XDG_DATA_HOME=str(data))
    plat_other.XDG_DATA_HOME, plat_other.HOMETRASH_B = os.fsencode(data), os.fsencode(data / "Trash")
    if what == "undo":
        act(top)
    child = os.fork()
    if not child:
        die_at(number)
        act(top) if what == "act" else undo(top / "store")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("killed" if os.WIFSIGNALED(status) else f"ended {status}")
    if not os.WIFSIGNALED(status):
        break
"""


@pytest.fixture
def tops(tmp_path: Path) -> list[Path]:
    """Folders to work in, more than there are moments to be killed at."""
    found = [tmp_path / str(number) for number in range(150)]
    for top in found:
        for name, data in BEFORE.items():
            path = top / "photos" / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (top / "store").mkdir()
        (top / "home").mkdir()
    return found


def killed(what: str, kind: str, away: Path | None, tops: list[Path]) -> list[Path]:
    """Do the work in one folder after the other; returns those in which it was killed."""
    done = run_fresh(PROGRAM, what, kind, away or "", *tops)
    assert done.stderr == ""
    *ends, last = done.stdout.splitlines()
    assert (set(ends), last) == ({"killed"}, "ended 0")
    return tops[: len(ends)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("how", ["trash", "move", "over file systems", "hardlink"])
@pytest.mark.parametrize("what", ["act", "undo"])
def test_nothing_is_lost_and_undo_brings_all_back(
    what: str, how: str, tops: list[Path], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    places = {
        "move": lambda: tops[0].parent,
        "over file systems": lambda: request.getfixturevalue("elsewhere"),
    }
    away = places[how]() / "away" if how in places else None
    kind = "move" if away else how
    changed = 0
    for number, top in enumerate(killed(what, kind, away, tops)):
        monkeypatch.setenv("XDG_DATA_HOME", str(top / "home"))
        folders = [top / "photos", top / "home", *([away / top.name] if away else [])]
        contents = [data for folder in folders for data in tree(folder).values()]
        assert contents.count(b"one picture") >= 3, (number, contents)
        changed += tree(top / "photos") != BEFORE
        if number % 2 and what == "act":  # the action is asked for once more
            chosen = [choice(top / "photos/a.jpg", *sorted((top / "photos/2021").glob("?.jpg")))]
            apply(chosen, Action("hardlink"), top / "store")
        try:
            assert undo(top / "store", every=True).refused == []
        except NotFoundError:
            assert Journal.read(top / "store").steps("done") == []
        assert tree(top / "photos") == BEFORE
        assert {path.stat().st_nlink for path in (top / "photos").rglob("*.jpg")} == {1}
        assert not [path for path in folders[-1].rglob("*") if away and path.is_file()]
    assert changed or kind == "hardlink"
