"""Which files no action touches, looked at once more before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

import copies
from groups import choice, reasons, tree
from lookalike.collection.duplicates.acting import Action, apply
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.step import Step
from lookalike.collection.reports import Progress
from lookalike.errors import UsageError

pytestmark = pytest.mark.usefixtures("home")

TRASH, LINK = Action("trash"), Action("hardlink")


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

    @pytest.mark.parametrize("kept", ["colours", "grey"])
    def test_a_copy_without_its_colours_goes_only_if_edited_ones_may(
        self, kept: str, tmp_path: Path, store: Path
    ) -> None:
        """Nor does the coloured one: two photos of a thing that is sold in two colours may look so."""
        colours, grey = tmp_path / "colours.png", tmp_path / "grey.png"
        copies.original(0).save(colours)
        copies.original(0).convert("L").save(grey)
        keep, other = (colours, grey) if kept == "colours" else (grey, colours)
        chosen = replace(choice(keep, other), closely=frozenset({other}))
        acted = apply([chosen], TRASH, store)
        assert (acted.gone, acted.refused) == ([], [])
        assert [(item.path, item.reason) for item in acted.skipped] == [
            (other, "it or the file to keep lacks colours of the other (--edited acts on it)")
        ]
        assert apply([replace(chosen, edited=True)], TRASH, store).gone == [other]

    def test_a_copy_that_is_somewhat_paler_goes(self, keep: Path, store: Path) -> None:
        paler = keep.with_name("paler.png")
        ImageEnhance.Color(copies.original(0)).enhance(0.8).save(paler)
        chosen = replace(choice(keep, paler), closely=frozenset({paler}))
        assert apply([chosen], TRASH, store).gone == [paler]

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
