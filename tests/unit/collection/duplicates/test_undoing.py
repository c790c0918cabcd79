"""Everything that was done to files can be taken back, and nothing that came since is lost by it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from groups import choice, tree
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.undoing import undo
from lookalike.errors import NotFoundError

pytestmark = pytest.mark.usefixtures("home")

TRASH, LINK = Action("trash"), Action("hardlink")
THEN = 1_234_567_890_123_456_789


def facts(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Permissions, time of the last change and number of names of every file."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            status = path.stat()
            found[path] = status.st_mode, status.st_mtime_ns, status.st_nlink
    return found


@pytest.fixture
def others(photos: Path) -> tuple[Path, Path]:
    """Two copies of ``a.jpg`` with times and permissions of their own, one with a name that is no text."""
    odd = photos / os.fsdecode(b"2022/\xff\nb.jpg")
    (photos / "2022" / "b.jpg").rename(odd)
    found = photos / "2021" / "b.jpg", odd
    for path in found:
        path.chmod(0o604)
        os.utime(path, ns=(THEN, THEN))
    return found


class TestAllActions:
    @pytest.mark.parametrize("kind", ["trash", "move", "over file systems", "hardlink"])
    def test_files_are_as_they_were(
        self, kind: str, photos: Path, others: tuple[Path, Path], store: Path, request: pytest.FixtureRequest
    ) -> None:
        folders = {"move": photos.parent / "away"}
        if kind == "over file systems":
            folders[kind] = request.getfixturevalue("elsewhere") / "away"
        action = Action("move", folders[kind]) if kind in folders else Action(kind)  # type: ignore[arg-type]
        before = tree(photos), facts(photos)
        acted = apply([choice(photos / "a.jpg", *others)], action, store)
        assert len(acted.done) == 2
        assert (tree(photos), facts(photos)) != before
        undone = undo(store)
        assert (undone.runs, undone.done, undone.refused) == ([acted.run], acted.done[::-1], [])
        assert (tree(photos), facts(photos)) == before
        assert not any(folder.exists() for folder in folders.values())
        with pytest.raises(NotFoundError, match="nothing to take back"):
            undo(store)

    @pytest.mark.parametrize("there", ["away", "away/deeper"])
    def test_a_folder_that_was_there_before_a_move_stays(self, there: str, photos: Path, store: Path) -> None:
        (photos.parent / there).mkdir(parents=True)
        action = Action("move", photos.parent / "away" / "deeper")
        assert apply([choice(photos / "a.jpg", photos / "2021" / "b.jpg")], action, store).done
        assert undo(store).done
        assert (photos.parent / there).is_dir()
        assert [*(photos.parent / there).iterdir()] == []

    def test_the_last_a_named_one_and_all(self, photos: Path, store: Path) -> None:
        before = tree(photos)
        names = "edited.jpg", "2021/b.jpg", "2022/b.jpg"
        runs = [apply([choice(photos / "a.jpg", photos / name)], TRASH, store).run for name in names]
        assert len(set(runs)) == 3
        assert undo(store).runs == runs[2:]
        assert undo(store, runs[0]).runs == runs[:1]
        assert tree(photos).keys() == {b"a.jpg", b"edited.jpg", b"2022/b.jpg"}
        with pytest.raises(NotFoundError, match="taken back already"):
            undo(store, runs[0])
        with pytest.raises(NotFoundError, match="not in the journal"):
            undo(store, "yesterday")
        apply([choice(photos / "a.jpg", photos / "edited.jpg")], LINK, store)
        again = apply([choice(photos / "a.jpg", photos / "edited.jpg")], TRASH, store)
        assert undo(store, every=True).runs == [again.run, runs[1]]
        assert tree(photos) == before


class TestRefusals:
    @pytest.mark.parametrize("action", [TRASH, None])
    def test_a_file_that_has_come_since_is_not_replaced(
        self, action: Action | None, photos: Path, store: Path
    ) -> None:
        file, fine = photos / "2021" / "b.jpg", photos / "2022" / "b.jpg"
        away = photos.parent / "away"
        apply([choice(photos / "a.jpg", file, fine)], action or Action("move", away), store)
        file.write_bytes(b"new here")
        undone = undo(store)
        assert [step.path for step in undone.done] == [fine]
        assert [item.path for item in undone.refused] == [file]
        assert "another file has come there since; the old one lies at " in undone.refused[0].reason
        assert file.read_bytes() == b"new here"
        file.unlink()
        assert [step.path for step in undo(store).done] == [file]
        assert file.read_bytes() == b"one picture"

    def test_an_emptied_trash(self, photos: Path, store: Path, trash: Path) -> None:
        apply([choice(photos / "a.jpg", photos / "2021" / "b.jpg")], TRASH, store)
        shutil.rmtree(trash.parent)
        assert [item.reason for item in undo(store).refused] == [
            "not found in the trash; has it been emptied?"
        ]

    def test_what_cannot_be_taken_back_does_not_stand_in_the_way(
        self, photos: Path, store: Path, trash: Path
    ) -> None:
        kept, one, two = photos / "a.jpg", photos / "2021" / "b.jpg", photos / "2022" / "b.jpg"
        earlier = apply([choice(kept, one)], TRASH, store).run
        later = apply([choice(kept, two)], Action("move", photos.parent / "away"), store).run
        moved = photos.parent / "away" / "2022" / "b.jpg"
        moved.write_bytes(b"edited there")
        first = undo(store)
        assert (first.runs, first.done, len(first.refused)) == ([later], [], 1)
        second = undo(store)
        assert (second.runs, [step.path for step in second.done]) == ([earlier], [one])
        assert (undo(store).runs, Journal.read(store).runs()) == ([later], [later])  # nothing else is left
        moved.write_bytes(b"one picture")
        assert [step.path for step in undo(store, later).done] == [two]
        with pytest.raises(NotFoundError, match="nothing to take back"):
            undo(store)

    def test_all_tries_again_what_was_tried_in_vain(self, photos: Path, store: Path) -> None:
        other = photos / "2021" / "b.jpg"
        apply([choice(photos / "a.jpg", other)], Action("move", photos.parent / "away"), store)
        other.write_bytes(b"of somebody else")
        assert undo(store).refused
        other.unlink()
        assert [step.path for step in undo(store, every=True).done] == [other]

    def test_a_moved_file_that_was_changed_since_stays_where_it_is(self, photos: Path, store: Path) -> None:
        away = photos.parent / "away"
        apply([choice(photos / "a.jpg", photos / "2021" / "b.jpg")], Action("move", away), store)
        (away / "2021" / "b.jpg").write_bytes(b"edited there")
        assert "no longer as it was moved to" in undo(store).refused[0].reason
        assert tree(away) == {b"2021/b.jpg": b"edited there"}

    def test_a_folder_that_is_gone_is_not_made_up(self, photos: Path, store: Path) -> None:
        apply([choice(photos / "a.jpg", photos / "2021" / "b.jpg")], TRASH, store)
        (photos / "2021").rmdir()
        assert undo(store).refused[0].reason == "the folder that it lay in is gone; make it again first"
        (photos / "2021").mkdir()
        assert undo(store).refused == []
        assert (photos / "2021" / "b.jpg").read_bytes() == b"one picture"

    def test_a_hard_link_that_was_written_to_since(self, photos: Path, store: Path) -> None:
        other = photos / "2021" / "b.jpg"
        apply([choice(photos / "a.jpg", other)], LINK, store)
        (photos / "a.jpg").write_bytes(b"both names changed")
        assert [item.reason for item in undo(store).refused] == ["it was changed since"]
        assert other.samefile(photos / "a.jpg")

    def test_files_that_a_person_put_back(self, photos: Path, store: Path, trash: Path) -> None:
        other = photos / "2021" / "b.jpg"
        acted = apply([choice(photos / "a.jpg", other)], TRASH, store)
        (trash / "b.jpg").rename(other)
        assert undo(store).done == acted.done
        assert other.read_bytes() == b"one picture"


def test_an_undo_that_was_cut_short_leaves_no_second_name(photos: Path, store: Path, trash: Path) -> None:
    other = photos / "2021" / "b.jpg"
    apply([choice(photos / "a.jpg", other)], TRASH, store)
    other.hardlink_to(trash / "b.jpg")
    assert undo(store).refused == []
    assert other.stat().st_nlink == 1
    assert tree(trash.parent) == {}


def test_the_same_name_in_the_trash_twice(photos: Path, store: Path, trash: Path) -> None:
    first, second = photos / "2021" / "b.jpg", photos / "2022" / "b.jpg"
    first.write_bytes(b"of 2021")
    apply([choice(photos / "a.jpg", first, second)], TRASH, store)
    first.write_bytes(b"of 2021, newer")
    apply([choice(photos / "a.jpg", first)], TRASH, store)
    assert sorted(tree(trash).values()) == [b"of 2021", b"of 2021, newer", b"one picture"]
    undo(store)
    assert first.read_bytes() == b"of 2021, newer"
    first.unlink()
    undo(store)
    assert (first.read_bytes(), second.read_bytes()) == (b"of 2021", b"one picture")
    assert tree(trash.parent) == {}


def test_files_below_the_folder_of_the_trash_itself(home: Path, store: Path) -> None:
    folder = home / ".local" / "share" / "pictures"  # send2trash records such a path from there
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(b"one picture")
    apply([choice(folder / "a.jpg", folder / "b.jpg")], TRASH, store)
    assert undo(store).refused == []
    assert (folder / "b.jpg").read_bytes() == b"one picture"


def test_the_trash_of_another_volume(elsewhere: Path, store: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (elsewhere / name).write_bytes(b"one picture")
    volume = elsewhere.parent / f".Trash-{os.getuid()}"
    new = not volume.exists()
    acted = apply([choice(elsewhere / "a.jpg", elsewhere / "b.jpg")], TRASH, store)
    assert acted.gone == [elsewhere / "b.jpg"]
    assert tree(elsewhere).keys() == {b"a.jpg"}
    assert undo(store).refused == []
    assert (elsewhere / "b.jpg").read_bytes() == b"one picture"
    if new:
        shutil.rmtree(volume)


def test_nothing_was_ever_done(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing to take back"):
        undo(tmp_path / "none")
    assert Journal.read(tmp_path).runs() == []
