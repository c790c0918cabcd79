from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inside import counts, image_at
from lookalike import Collection
from lookalike.errors import NotFoundError, UsageError
from pictures import draw, write


class TestPruning:
    def test_only_what_is_gone_below_the_given_paths(self, collection: Collection, tmp_path: Path) -> None:
        for number, name in enumerate(("a", "b")):
            write(tmp_path / name, 3, first_seed=3 * number)
        collection.add([tmp_path / "a", tmp_path / "b"])
        for name in ("a/picture-0000.png", "b/picture-0003.png"):
            (tmp_path / name).unlink()
        assert counts(collection.add([tmp_path / "a"])) == (0, 0, 2, 0, 0)
        assert len(collection) == 6
        assert counts(collection.add([tmp_path / "a"], prune=True)) == (0, 0, 2, 1, 0)
        assert collection.status().missing == [tmp_path / "b" / "picture-0003.png"]
        assert len(collection) == 5

    def test_not_when_the_path_itself_is_gone(self, collection: Collection, folder: Path) -> None:
        """It may be an unplugged drive."""
        collection.add([folder])
        shutil.move(folder, folder.with_name("away"))
        report = collection.add([folder], prune=True)
        assert (report.pruned, [item.path for item in report.rejected]) == (0, [folder])
        assert len(collection) == 6

    def test_not_when_a_link_to_the_drive_leads_nowhere(self, collection: Collection, folder: Path) -> None:
        link = folder.with_name("link")
        link.symlink_to(folder)
        collection.add([link])
        shutil.move(folder, folder.with_name("away"))
        assert collection.add([link], prune=True).pruned == 0
        assert len(collection) == 6

    def test_not_when_a_folder_between_cannot_be_entered(self, collection: Collection, folder: Path) -> None:
        """Here because it leads in a circle; the same goes for one without permission or a stale mount."""
        (folder / "sub").mkdir()
        (folder / "picture-0000.png").rename(folder / "sub" / "inside.png")
        collection.add([folder])
        shutil.rmtree(folder / "sub")
        (folder / "sub").symlink_to("sub")
        assert collection.add([folder], prune=True).pruned == 0
        (folder / "sub").unlink()
        assert collection.add([folder], prune=True).pruned == 1

    def test_a_folder_that_became_a_file(self, collection: Collection, folder: Path) -> None:
        (folder / "sub.png").mkdir()
        (folder / "picture-0000.png").rename(folder / "sub.png" / "inside.png")
        collection.add([folder])
        shutil.rmtree(folder / "sub.png")
        draw(50).save(folder / "sub.png")
        assert counts(collection.add([folder], prune=True)) == (1, 0, 5, 1, 0)

    def test_a_file_that_became_a_folder(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        (folder / "picture-0000.png").unlink()
        (folder / "picture-0000.png").mkdir()
        assert collection.status().missing == [folder / "picture-0000.png"]
        assert collection.add([folder], prune=True).pruned == 1


class TestPruningADriveThatIsNotMounted:
    """Its mount point is there, or is not; nothing is forgotten, and the report says what would have been."""

    @pytest.fixture
    def drive(self, collection: Collection, folder: Path) -> Path:
        """Inside the six pictures' folder, with three of its own; indexed."""
        write(folder / "drive", 3, first_seed=10)
        assert collection.add([folder]).added == 9
        return folder / "drive"

    def refused(self, collection: Collection, place: Path, folder: Path, files: list[Path]) -> str:
        report = collection.add([place], prune=True)
        assert report.pruned == 0
        (held,) = report.withheld
        assert (held.folder, held.files) == (folder, files)
        assert set(files) <= set(collection.files())
        return held.reason

    @pytest.mark.parametrize("left", [None, "notes.txt", ".hidden.png", "lost+found/"])
    def test_a_mount_point_without_pictures(
        self, left: str | None, collection: Collection, folder: Path, drive: Path
    ) -> None:
        files = sorted(drive.iterdir())
        for file in files:
            file.unlink()
        if left is not None:
            (drive / left).mkdir() if left.endswith("/") else (drive / left).touch()
        for place in (folder, drive, folder.parent):
            assert self.refused(collection, place, drive, files) == "no picture is left in it"
        assert collection.add([folder], prune=True, sure=True).pruned == 3
        assert len(collection) == 6

    def test_a_mount_point_that_went_with_the_drive(
        self, collection: Collection, folder: Path, drive: Path
    ) -> None:
        files = sorted(drive.iterdir())
        shutil.rmtree(drive)
        assert self.refused(collection, drive, drive, files) == "it is gone"
        report = collection.add([drive], prune=True, sure=True)
        assert (report.pruned, report.rejected) == (3, [])
        assert len(collection) == 6

    def test_one_that_was_indexed_by_itself(self, collection: Collection, folder: Path) -> None:
        drive = folder / "drive"
        write(drive, 3, first_seed=10)
        collection.add([drive])
        collection.add([folder])
        files = sorted(drive.iterdir())
        shutil.rmtree(drive)
        assert self.refused(collection, folder, drive, files) == "it is gone"

    def test_most_of_a_folder(self, collection: Collection, folder: Path, drive: Path) -> None:
        files = sorted(folder.glob("*.*"))[:5]
        for file in [*files[:4]]:
            file.unlink()
        assert collection.add([folder], prune=True).pruned == 4  # of nine
        files[4].unlink()
        shutil.rmtree(drive)
        files = [
            *sorted(drive / f"picture-{name}" for name in ("0010.jpg", "0011.webp", "0012.png")),
            files[4],
        ]
        assert self.refused(collection, folder, folder, files) == "4 of 5 files are gone at once"

    def test_one_doubt_keeps_everything(self, collection: Collection, folder: Path, drive: Path) -> None:
        (folder / "picture-0000.png").unlink()
        for file in drive.iterdir():
            file.unlink()
        collection.add([folder], prune=True)
        assert len(collection) == 9

    def test_what_was_moved_is_no_loss(self, collection: Collection, folder: Path, drive: Path) -> None:
        """Its pictures are known at their new place."""
        (folder / "sorted").mkdir()
        for file in drive.iterdir():
            file.rename(folder / "sorted" / file.name)
        report = collection.add([folder], prune=True)
        assert (report.linked, report.pruned, report.withheld) == (3, 3, [])
        assert len(collection) == 9


class TestRemoving:
    def test_a_file_a_folder_and_everything(self, collection: Collection, folder: Path) -> None:
        (folder / "sub").mkdir()
        for name in ("picture-0000.png", "picture-0001.jpg"):
            (folder / name).rename(folder / "sub" / name)
        collection.add([folder])
        assert collection.remove([folder / "picture-0002.webp"]) == 1
        assert collection.remove([folder / "sub"]) == 2
        assert len(collection) == 3
        assert len(list(folder.rglob("*.*"))) == 6
        assert collection.remove([folder, folder]) == 3
        with pytest.raises(NotFoundError, match="is empty"):
            collection.search(draw(0))
        assert collection.add([folder]).added == 6

    def test_what_is_not_known_is_refused_and_nothing_is_removed(
        self, collection: Collection, folder: Path
    ) -> None:
        collection.add([folder])
        with pytest.raises(NotFoundError, match=r"nothing in the collection lies at .*absent\.png"):
            collection.remove([folder / "picture-0000.png", folder / "absent.png"])
        assert len(collection) == 6

    def test_everything_at_once_is_refused(self, collection: Collection, folder: Path) -> None:
        """``remove "$FOLDER/"`` where the variable was never set."""
        collection.add([folder])
        with pytest.raises(UsageError, match="would forget everything"):
            collection.remove(["/"])
        assert len(collection) == 6

    def test_a_path_may_be_relative(
        self, collection: Collection, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        collection.add([folder])
        monkeypatch.chdir(folder)
        assert collection.remove(["../pictures/picture-0000.png"]) == 1

    def test_a_copy_elsewhere_keeps_the_image(self, collection: Collection, folder: Path) -> None:
        shutil.copy(folder / "picture-0000.png", folder / "copy.png")
        collection.add([folder])
        image = image_at(collection, folder / "copy.png")
        assert collection.remove([folder / "picture-0000.png"]) == 1
        (match,) = collection.search(folder / "copy.png", 1)
        assert (match.image_id, match.paths) == (image, (folder / "copy.png",))

    def test_what_is_removed_is_not_found_any_more(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        wanted = folder / "picture-0004.jpg"
        assert collection.search(wanted, 6)[0].path == wanted
        collection.remove([wanted])
        assert wanted not in [match.path for match in collection.search(wanted, 6)]

    def test_an_image_is_forgotten_by_its_id(self, collection: Collection, folder: Path) -> None:
        copy = folder / "copy.png"
        copy.write_bytes((folder / "picture-0000.png").read_bytes())
        collection.add([folder], save=False)
        image_id = image_at(collection, copy)
        assert collection.forget(image_id) == [copy, folder / "picture-0000.png"]
        assert copy.exists()
        assert image_id not in {match.image_id for match in collection.search(draw(0), 10)}
        with pytest.raises(NotFoundError, match=f"no image {image_id}"):
            collection.forget(image_id)


@pytest.mark.parametrize("gone", [False, True])
def test_either_unicode_spelling_of_a_path_is_found_and_removed(
    collection: Collection, folder: Path, gone: bool
) -> None:
    stored, asked = folder / "caf\u00e9.png", folder / "cafe\u0301.png"
    (folder / "picture-0000.png").rename(stored)
    collection.add([folder])
    assert collection.search(asked, 1)[0].path == stored
    if gone:
        stored.unlink()
    assert collection.remove([asked]) == 1
    assert len(collection) == 5


class TestRemovingForGood:
    def test_moved_renamed_and_copied_files_stay_out(self, collection: Collection, folder: Path) -> None:
        shutil.copy(folder / "picture-0000.png", folder / "twin.png")
        collection.add([folder])
        assert collection.remove([folder / "picture-0000.png"], forever=True) == 2
        assert len(collection) == 5
        (folder / "picture-0000.png").rename(folder / "renamed.png")
        report = collection.add([folder, folder / "renamed.png"], rescan=True)
        assert (report.added, report.linked, report.unchanged, report.unwanted) == (0, 0, 5, 2)
        assert collection.search(folder / "twin.png", 1)[0].similarity < 0.99
        assert collection.status().removed == [folder / "picture-0000.png", folder / "twin.png"]

    def test_leaving_them_out_changes_nothing(self, collection: Collection, folder: Path) -> None:
        """Else each run would write the index cache anew."""
        collection.add([folder])
        collection.remove([folder / "picture-0000.png"], forever=True)
        revision = collection.revision
        assert collection.add([folder]).unwanted == 1
        assert collection.revision == revision

    def test_other_removals_last_until_the_next_time(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        collection.remove([folder / "picture-0000.png"])
        collection.forget(image_at(collection, folder / "picture-0001.jpg"))
        assert collection.add([folder]).added == 2
        assert collection.status().removed == []

    def test_a_file_overwritten_by_such_a_picture_holds_nothing(
        self, collection: Collection, folder: Path
    ) -> None:
        collection.add([folder])
        collection.remove([folder / "picture-0000.png"], forever=True)
        shutil.copy(folder / "picture-0000.png", folder / "picture-0003.png")
        assert collection.add([folder]).unwanted == 2
        assert len(collection) == 4
        assert folder / "picture-0003.png" not in collection.files()

    @pytest.mark.parametrize("named", ["picture-0000.png", "renamed.png", "."])
    def test_it_can_be_undone_by_either_name(self, named: str, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        collection.remove([folder / "picture-0000.png"], forever=True)
        (folder / "picture-0000.png").rename(folder / "renamed.png")
        with pytest.raises(NotFoundError, match="nothing was removed for good"):
            collection.undo_removal([folder / named, folder / "picture-0001.jpg"])
        assert collection.add([folder]).added == 0
        assert collection.undo_removal([folder / named]) == 1
        assert collection.add([folder]).added == 1
        assert collection.status().removed == []
