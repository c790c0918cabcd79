from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inside import counts, image_at
from lookalike import Collection
from lookalike.errors import NotFoundError
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
