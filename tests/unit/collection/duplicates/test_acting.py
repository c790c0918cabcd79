"""What becomes of the files that are not kept, and what is never touched."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import copies
from fresh import run_fresh
from groups import choice, tree
from lookalike.collection.duplicates.acting import Acted, Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.step import Step
from lookalike.collection.reports import Progress
from lookalike.errors import Busy, StorageError, UsageError

pytestmark = pytest.mark.usefixtures("home")

TRASH, LINK = Action("trash"), Action("hardlink")


def reasons(acted: Acted) -> dict[str, str]:
    """Every file that was left alone, by name, and why."""
    return {item.path.name: item.reason for item in (*acted.refused, *acted.skipped)}


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


class TestGuard:
    def test_changed_and_lost_files_are_left_and_the_rest_goes_on(self, photos: Path, store: Path) -> None:
        changed, lost, fine = photos / "2021" / "b.jpg", photos / "2022" / "b.jpg", photos / "edited.jpg"
        chosen = [choice(photos / "a.jpg", changed, lost, fine)]
        changed.write_bytes(b"one Picture")
        lost.unlink()
        acted = apply(chosen, TRASH, store)
        assert acted.gone == [fine]
        assert [(item.path, item.reason) for item in acted.refused] == [
            (changed, "it has changed since it was indexed; index it again first"),
            (lost, "no such file"),
        ]

    @pytest.mark.parametrize("action", [TRASH, LINK])
    def test_without_the_kept_file_nothing_is_touched(
        self, action: Action, photos: Path, store: Path
    ) -> None:
        chosen = [
            choice(photos / "a.jpg", photos / "2021" / "b.jpg"),
            choice(photos / "2022" / "b.jpg", photos / "edited.jpg"),
        ]
        (photos / "a.jpg").write_bytes(b"something else")
        (photos / "2022" / "b.jpg").unlink()
        before = tree(photos)
        acted = apply(chosen, action, store)
        assert tree(photos) == before
        assert [item.reason for item in acted.refused] == [
            "the file to keep cannot stand for it: it has changed since it was indexed; index it again first",
            "the file to keep cannot stand for it: no such file",
        ]

    @pytest.mark.parametrize("action", [TRASH, LINK])
    def test_a_kept_file_that_changes_meanwhile_stops_its_group(
        self, action: Action, photos: Path, store: Path
    ) -> None:
        first, second = photos / "2021" / "b.jpg", photos / "2022" / "b.jpg"

        def change(progress: Progress) -> None:
            if progress.done == 1:
                (photos / "a.jpg").unlink()
                (photos / "a.jpg").write_bytes(b"one picturE")

        acted = apply([choice(photos / "a.jpg", first, second)], action, store, on_progress=change)
        assert [step.path for step in acted.done] == [first]
        assert reasons(acted) == {"b.jpg": "the file to keep has changed meanwhile"}
        assert second.read_bytes() == b"one picture"

    @pytest.mark.parametrize("action", [TRASH, LINK])
    def test_a_file_that_changes_right_before_its_step_is_not_said_to_be_gone(
        self, action: Action, photos: Path, store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = photos / "2021" / "b.jpg"
        intend = Journal.intend

        def change_then_intend(journal: Journal, step: Step) -> None:
            file.write_bytes(b"another picture")
            intend(journal, step)

        monkeypatch.setattr(Journal, "intend", change_then_intend)
        acted = apply([choice(photos / "a.jpg", file)], action, store)
        assert (acted.done, acted.gone) == ([], [])
        assert reasons(acted) == {"b.jpg": "it or the file to keep has changed meanwhile"}
        assert file.read_bytes() == b"another picture"
        with Journal.opened(store) as journal:
            assert list(journal.steps("done")) == []
            assert len(list(journal.steps("void"))) == 1

    def test_a_link_is_not_kept_for_the_file_that_it_leads_to(self, photos: Path, store: Path) -> None:
        link = photos / "link.jpg"
        link.symlink_to(photos / "a.jpg")
        acted = apply([choice(link, photos / "a.jpg")], TRASH, store)
        assert reasons(acted)["a.jpg"].endswith("a symbolic link, not a file of its own")
        assert link.read_bytes() == b"one picture"

    def test_links_and_other_names_of_the_kept_file_are_skipped(self, photos: Path, store: Path) -> None:
        keep = photos / "a.jpg"
        link, hard, linked_folder = photos / "link.jpg", photos / "hard.jpg", photos.parent / "door"
        link.symlink_to(keep)
        hard.hardlink_to(keep)
        linked_folder.symlink_to(photos)
        acted = apply([choice(keep, link, hard, linked_folder / "a.jpg")], TRASH, store)
        assert (acted.done, acted.refused) == ([], [])
        assert reasons(acted) == {
            "link.jpg": "a symbolic link: it takes no space",
            "hard.jpg": "the same file as the kept one, by another name: nothing would be freed",
            "a.jpg": "the same file as the kept one, by another name: nothing would be freed",
        }
        assert keep.read_bytes() == b"one picture"

    def test_what_another_group_keeps_is_not_touched(self, photos: Path, store: Path) -> None:
        first, second = photos / "a.jpg", photos / "2021" / "b.jpg"
        acted = apply([choice(first, second), choice(second, first)], TRASH, store)
        assert acted.done == []
        assert {item.reason for item in acted.refused} == {"it is the file to keep of another group"}

    def test_a_reference_folder_is_not_touched_however_it_is_reached(self, photos: Path, store: Path) -> None:
        door = photos.parent / "door"
        door.symlink_to(photos / "2021")
        acted = apply(
            [choice(photos / "a.jpg", photos / "2021" / "b.jpg", door / "b.jpg", photos / "2022" / "b.jpg")],
            TRASH,
            store,
            reference_folders=[photos / "2021"],
        )
        assert acted.gone == [photos / "2022" / "b.jpg"]
        assert [item.reason for item in acted.refused] == ["it lies in a reference folder"] * 2

    def test_a_mistyped_reference_folder_ends_it(self, photos: Path, store: Path) -> None:
        with pytest.raises(UsageError, match=r"there is no folder .*/202l"):
            apply(
                [choice(photos / "a.jpg", photos / "2021" / "b.jpg")],
                TRASH,
                store,
                reference_folders=[photos / "202l"],
            )
        assert (photos / "2021" / "b.jpg").exists()

    def test_a_folder_in_the_place_of_a_file(self, photos: Path, store: Path) -> None:
        chosen = [choice(photos / "a.jpg", photos / "edited.jpg")]
        (photos / "edited.jpg").unlink()
        (photos / "edited.jpg").mkdir()
        assert reasons(apply(chosen, TRASH, store)) == {"edited.jpg": "a folder, not a regular file"}


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


class TestFilesLookedAt:
    """Pictures that are no copies, or not complete, by the files themselves."""

    @pytest.fixture
    def keep(self, tmp_path: Path) -> Path:
        copies.original(0).save(tmp_path / "keep.jpg", quality=90)
        return tmp_path / "keep.jpg"

    def test_a_copy_by_small_pictures_that_is_none_by_the_files_stays(self, keep: Path, store: Path) -> None:
        crop, another = keep.with_name("crop.png"), keep.with_name("another.png")
        width, height = copies.original(0).size
        copies.original(0).crop((0, 0, width * 3 // 4, height)).save(crop)
        copies.original(1).save(another)
        chosen = replace(choice(keep, crop, another), by_sight=frozenset({crop, another}))
        acted = apply([chosen], TRASH, store)
        assert acted.gone == [crop]
        assert reasons(acted) == {
            "another.png": "by both files, and not their small pictures, it is no copy of the file to keep"
        }

    @pytest.mark.parametrize("edited", [False, True])
    def test_a_file_to_keep_that_is_cut_short_stands_for_none(
        self, edited: bool, keep: Path, store: Path
    ) -> None:
        """As in a catalog of an older version, which does not know that it is."""
        other = keep.with_name("other.jpg")
        other.write_bytes(keep.read_bytes())
        keep.write_bytes(other.read_bytes()[:-2])
        marked = frozenset({other})
        chosen = replace(choice(keep, other), **{"by_sight" if edited else "closely": marked})
        acted = apply([chosen], TRASH, store)
        assert reasons(acted) == {"other.jpg": "the file to keep is not complete: cut short, 100 % read"}


def frames(path: Path, *pictures: Image.Image) -> Path:
    """A GIF of several frames, or a TIFF of several pages."""
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    return path


class TestFramesAndPages:
    """One frame of a file tells nothing of the others, so that all of them are held against each other."""

    @pytest.fixture
    def drawn(self) -> list[Image.Image]:
        """Three scenes that differ."""
        return [copies.original(number) for number in range(3)]

    @pytest.mark.parametrize("suffix", [".gif", ".tiff", ".webp", ".png"])
    @pytest.mark.parametrize("edited", [False, True])
    def test_a_file_whose_later_frame_differs_stays(
        self, suffix: str, edited: bool, tmp_path: Path, store: Path, drawn: list[Image.Image]
    ) -> None:
        keep = frames(tmp_path / f"keep{suffix}", drawn[0], drawn[1])
        other = frames(tmp_path / f"other{suffix}", drawn[0], drawn[2])
        chosen = choice(keep, other)
        if not edited:
            chosen = replace(chosen, closely=frozenset({other}))
        acted = apply([chosen], TRASH, store)
        assert reasons(acted) == {
            other.name: "it or the file to keep has several frames or pages, and not all agree"
        }
        assert other.exists()

    def test_an_animation_and_its_first_frame_are_not_each_other(
        self, tmp_path: Path, store: Path, drawn: list[Image.Image]
    ) -> None:
        animated, still = frames(tmp_path / "a.gif", *drawn), frames(tmp_path / "b.gif", drawn[0])
        for keep, other in ((animated, still), (still, animated)):
            acted = apply([choice(keep, other)], TRASH, store)
            assert not acted.done
            assert "not all agree" in reasons(acted)[other.name]

    def test_all_frames_agree_though_the_bytes_differ(
        self, tmp_path: Path, store: Path, drawn: list[Image.Image]
    ) -> None:
        keep = frames(tmp_path / "keep.tiff", *drawn)
        other = tmp_path / "other.tiff"
        drawn[0].save(other, save_all=True, append_images=drawn[1:], compression="tiff_lzw")
        assert apply([choice(keep, other)], TRASH, store).gone == [other]

    def test_saved_smaller_all_pages_agree(
        self, tmp_path: Path, store: Path, drawn: list[Image.Image]
    ) -> None:
        keep = frames(tmp_path / "keep.tiff", *drawn)
        other = frames(tmp_path / "other.tiff", *(picture.resize((256, 192)) for picture in drawn))
        assert apply([choice(keep, other)], TRASH, store).gone == [other]

    def test_the_same_bytes_need_no_look(self, tmp_path: Path, store: Path, drawn: list[Image.Image]) -> None:
        keep = frames(tmp_path / "keep.gif", *drawn)
        other = tmp_path / "other.gif"
        other.write_bytes(keep.read_bytes())
        assert apply([choice(keep, other)], TRASH, store).gone == [other]
