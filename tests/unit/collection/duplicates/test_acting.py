"""What becomes of the files that are not kept, and what is never touched."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from fresh import run_fresh
from groups import choice, reasons, tree
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.reports import Progress
from lookalike.errors import Busy, StorageError, UsageError

pytestmark = pytest.mark.usefixtures("home")

TRASH, LINK = Action("trash"), Action("hardlink")


class TestTrash:
    def test_the_others_are_in_the_trash_and_the_kept_file_is_as_it_was(
        self, photos: Path, store: Path, trash: Path
    ) -> None:
        keep, *others = photos / "a.jpg", photos / "2021" / "b.jpg", photos / "edited.jpg"
        seen: list[Progress] = []
        acted = apply([choice(keep, *others)], TRASH, store, on_progress=seen.append)
        assert acted.gone == others
        assert tree(photos) == {b"a.jpg": b"one picture", b"2022/b.jpg": b"one picture"}
        assert tree(trash) == {b"b.jpg": b"one picture", b"edited.jpg": b"the same picture, edited"}
        assert seen == [Progress(0, 2), Progress(1, 2), Progress(2, 2)]
        assert Journal.read(store).runs() == [acted.run]

    def test_a_dry_run_says_the_same_and_touches_nothing(self, photos: Path, store: Path) -> None:
        chosen = [choice(photos / "a.jpg", photos / "2021" / "b.jpg", photos / "edited.jpg")]
        (photos / "edited.jpg").write_bytes(b"edited again")
        before = tree(photos)
        said = apply(chosen, TRASH, store, dry_run=True)
        assert tree(photos) == before
        assert tree(store) == {}
        acted = apply(chosen, TRASH, store)
        assert (said.gone, said.refused) == (acted.gone, acted.refused)
        assert said.gone == [photos / "2021" / "b.jpg"]

    @pytest.mark.parametrize("name", [b"line\nbreak.jpg", b"\xff\xfe.jpg", b"50% & more.jpg", b"-rf.jpg"])
    def test_odd_names(self, name: bytes, photos: Path, store: Path, trash: Path) -> None:
        odd = photos / os.fsdecode(name)
        odd.write_bytes(b"one picture")
        odd.chmod(0o640)
        assert apply([choice(photos / "a.jpg", odd)], TRASH, store).gone == [odd]
        assert tree(trash) == {name: b"one picture"}
        assert (trash / odd.name).stat().st_mode & 0o777 == 0o640


class TestMove:
    def test_it_keeps_the_folders_and_makes_names_unique(self, photos: Path, store: Path) -> None:
        away = photos.parent / "away"
        (away / "2021").mkdir(parents=True)
        (away / "2021" / "b.jpg").write_bytes(b"of somebody else")
        chosen = [choice(photos / "a.jpg", photos / "2021" / "b.jpg", photos / "2022" / "b.jpg")]
        acted = apply(chosen, Action("move", away), store)
        assert [step.target for step in acted.done] == [away / "2021" / "b (2).jpg", away / "2022" / "b.jpg"]
        assert tree(away) == {
            b"2021/b.jpg": b"of somebody else",
            b"2021/b (2).jpg": b"one picture",
            b"2022/b.jpg": b"one picture",
        }
        assert tree(photos).keys() == {b"a.jpg", b"edited.jpg"}

    def test_over_file_systems(self, photos: Path, store: Path, elsewhere: Path) -> None:
        file = photos / "2021" / "b.jpg"
        file.chmod(0o604)
        os.utime(file, ns=(1_000_000_000_123_456_789, 1_100_000_000_123_456_789))
        acted = apply([choice(photos / "a.jpg", file)], Action("move", elsewhere / "in"), store)
        assert acted.gone == [file]
        assert not file.exists()
        assert tree(elsewhere) == {b"in/2021/b.jpg": b"one picture"}
        status = (elsewhere / "in" / "2021" / "b.jpg").stat()
        assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o604, 1_100_000_000_123_456_789)

    def test_what_lies_in_the_folder_already_stays(self, photos: Path, store: Path) -> None:
        acted = apply(
            [choice(photos / "a.jpg", photos / "2021" / "b.jpg")], Action("move", photos / "2021"), store
        )
        assert reasons(acted) == {"b.jpg": "it lies in the folder to move to already"}

    def test_a_folder_that_cannot_be_is_told_before_anything_happens(self, photos: Path, store: Path) -> None:
        with pytest.raises(StorageError, match="cannot be written to"):
            apply([choice(photos / "a.jpg")], Action("move", photos / "a.jpg" / "in"), store)
        assert tree(store) == {}

    def test_only_a_move_has_a_folder(self, photos: Path) -> None:
        for kind, folder in (("trash", photos), ("move", None)):
            with pytest.raises(UsageError, match="a move needs a folder"):
                Action(kind, folder)  # type: ignore[arg-type]


class TestHardlink:
    def test_it_becomes_another_name_of_the_kept_file(self, photos: Path, store: Path) -> None:
        keep, other = photos / "a.jpg", photos / "2021" / "b.jpg"
        before = tree(photos)
        acted = apply([choice(keep, other)], LINK, store)
        assert [step.path for step in acted.done] == [other]
        assert acted.gone == []
        assert keep.samefile(other)
        assert tree(photos) == before

    def test_twice_does_nothing(self, photos: Path, store: Path) -> None:
        chosen = [choice(photos / "a.jpg", photos / "2021" / "b.jpg")]
        apply(chosen, LINK, store)
        again = apply(chosen, LINK, store)
        assert (again.done, again.refused) == ([], [])
        assert "the same file as the kept one" in reasons(again)["b.jpg"]

    def test_an_edited_copy_is_left_alone(self, photos: Path, store: Path) -> None:
        before = tree(photos)
        acted = apply([choice(photos / "a.jpg", photos / "edited.jpg")], LINK, store)
        assert acted.refused == []
        assert [item.reason for item in acted.skipped] == [
            "an edited copy: a hard link would put another picture in its place"
        ]
        assert tree(photos) == before
        assert not (photos / "a.jpg").samefile(photos / "edited.jpg")

    def test_another_file_system_is_refused(self, photos: Path, store: Path, elsewhere: Path) -> None:
        other = elsewhere / "b.jpg"
        other.write_bytes(b"one picture")
        acted = apply([choice(photos / "a.jpg", other)], LINK, store)
        assert reasons(acted)["b.jpg"].startswith("on another file system")


def test_no_two_processes_act_at_once(photos: Path, store: Path) -> None:
    chosen = [choice(photos / "a.jpg", photos / "2021" / "b.jpg")]
    with Journal.opened(store), pytest.raises(Busy, match="another process"):
        apply(chosen, TRASH, store)
    assert apply(chosen, TRASH, store).gone


def test_a_journal_that_cannot_be_written_stops_it_before_a_file_is_touched(photos: Path) -> None:
    before = tree(photos)
    with pytest.raises(StorageError, match="journal"):
        apply([choice(photos / "a.jpg", photos / "2021" / "b.jpg")], TRASH, photos / "nowhere")
    assert tree(photos) == before


AS_NOBODY = """
import os, sys
from pathlib import Path
import copies
from groups import choice
from lookalike.collection.duplicates.acting import Action, apply
top = Path(sys.argv[1])
chosen = choice(top / "a.jpg", top / "closed" / "b.jpg", top / "unreadable.jpg", top / "open" / "c.jpg")
(top / "unreadable.jpg").chmod(0)
(top / "closed").chmod(0o555)
if os.geteuid() == 0:  # whom no permission stops
    for path in (top, *top.rglob("*")):
        os.chown(path, 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
acted = apply([chosen], Action("move", top / "away"), top / "store")
print([step.path.name for step in acted.done])
for item in acted.refused:
    print(item.path.name, "-", item.reason)
(top / "closed").chmod(0o755)
"""


def test_what_may_not_be_read_or_changed_is_one_line_and_the_rest_goes_on() -> None:
    with tempfile.TemporaryDirectory(prefix="lookalike-test-") as name:
        top = Path(name).resolve()
        for place in ("a.jpg", "closed/b.jpg", "unreadable.jpg", "open/c.jpg", "store/unused"):
            (top / place).parent.mkdir(exist_ok=True)
            (top / place).write_bytes(b"one picture")
        done = run_fresh(AS_NOBODY, top)
        assert done.stderr == ""
        assert done.stdout.splitlines() == [
            "['c.jpg']",
            "b.jpg - its folder may not be written to",
            "unreadable.jpg - permission denied",
        ]
