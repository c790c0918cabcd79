from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tiny_model
from inside import catalog, counts, image_at, stored
from lookalike import AddReport, Collection, Progress, Settings
from lookalike.errors import UsageError
from pictures import draw, write


class TestAdding:
    def test_new_pictures_are_added_once(self, collection: Collection, folder: Path) -> None:
        assert counts(collection.add([folder])) == (6, 0, 0, 0, 0)
        assert counts(collection.add([folder])) == (0, 0, 6, 0, 0)
        write(folder, 2, first_seed=6)
        assert counts(collection.add([folder])) == (2, 0, 6, 0, 0)

    def test_the_vectors_are_the_embedders(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        _, vectors = stored(collection)
        side = (tiny_model.SIDE, tiny_model.SIDE)
        images = [Image.open(path).convert("RGB") for path in sorted(folder.iterdir())]
        pixels = [image.resize(side, Image.Resampling.BICUBIC, reducing_gap=2.0) for image in images]
        expected = tiny_model.embed(np.stack([np.asarray(image) for image in pixels]), seed=1)
        similar = vectors.astype(np.float64) @ expected.T
        assert sorted(similar.argmax(axis=1).tolist()) == list(range(6))
        np.testing.assert_allclose(similar.max(axis=1), 1, atol=1e-5)

    def test_the_same_bytes_in_two_places_are_one_image(self, collection: Collection, folder: Path) -> None:
        """In one go, where two threads may read them at once, and later."""
        for number in range(5):
            shutil.copy(folder / "picture-0000.png", folder / f"copy-{number}.png")
        assert counts(collection.add([folder])) == (6, 5, 0, 0, 0)
        (folder / "deeper").mkdir()
        shutil.copy(folder / "picture-0000.png", folder / "deeper" / "later.png")
        assert counts(collection.add([folder])) == (0, 1, 11, 0, 0)
        assert len(collection) == 6
        (match,) = collection.search(folder / "picture-0000.png", 1)
        copies = [folder / f"copy-{number}.png" for number in range(5)]
        assert match.paths == (*copies, folder / "deeper" / "later.png", folder / "picture-0000.png")
        assert match.path == copies[0]

    def test_a_moved_file_keeps_its_image(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        before = image_at(collection, folder / "picture-0001.jpg")
        (folder / "picture-0001.jpg").rename(folder / "moved.jpg")
        assert counts(collection.add([folder], prune=True)) == (0, 1, 5, 1, 0)
        assert image_at(collection, folder / "moved.jpg") == before
        assert len(collection) == 6

    def test_known_bytes_are_not_decoded_again(self, collection: Collection, folder: Path) -> None:
        """They could not be: the catalog is told that it knows an image of these bytes, which are none."""
        collection.add([folder])
        nonsense = b"these bytes are no image"
        (folder / "nonsense.png").write_bytes(nonsense)
        with closing(catalog(collection)) as connection, connection:
            digest = hashlib.sha256(nonsense).digest()
            connection.execute("UPDATE images SET sha256 = ? WHERE id = 3", (digest,))
        assert counts(collection.add([folder])) == (0, 1, 6, 0, 0)
        assert image_at(collection, folder / "nonsense.png") == 3

    def test_changed_content_is_a_new_image_in_place_of_the_old(
        self, collection: Collection, folder: Path
    ) -> None:
        collection.add([folder])
        path = folder / "picture-0000.png"
        before = image_at(collection, path)
        old = path.read_bytes()
        draw(100).save(path)
        assert counts(collection.add([folder])) == (1, 0, 5, 0, 0)
        assert image_at(collection, path) != before
        assert len(collection) == 6
        assert collection.search(path, 1)[0].similarity == pytest.approx(1, abs=1e-6)
        assert collection.search(old, 1)[0].similarity < 0.99

    def test_two_files_replaced_by_the_same_picture(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        for name in ("picture-0000.png", "picture-0003.png"):
            draw(100).save(folder / name)
        assert counts(collection.add([folder])) == (1, 1, 4, 0, 0)
        assert len(collection) == 5

    def test_a_touched_file_is_unchanged_and_keeps_its_image(
        self, collection: Collection, folder: Path
    ) -> None:
        collection.add([folder])
        path = folder / "picture-0002.webp"
        before = image_at(collection, path)
        os.utime(path, ns=(10**18, 10**18))
        assert counts(collection.add([folder])) == (0, 0, 6, 0, 0)
        assert image_at(collection, path) == before
        assert counts(collection.add([folder])) == (0, 0, 6, 0, 0)

    def test_the_same_size_and_time_hide_a_change_until_a_rescan(
        self, collection: Collection, folder: Path
    ) -> None:
        first, second = folder / "a.bmp", folder / "b.bmp"
        for seed, path in ((200, first), (201, second)):
            draw(seed).save(path)
            os.utime(path, ns=(10**18, 10**18))
        collection.add([folder])
        shutil.copy2(second, first)
        assert counts(collection.add([folder])) == (0, 0, 8, 0, 0)
        assert counts(collection.add([folder], rescan=True)) == (0, 1, 7, 0, 0)
        assert collection.search(first, 1)[0].paths == (first, second)
        assert collection.search(draw(200), 1)[0].similarity < 0.99

    def test_what_holds_no_picture_any_more_is_not_found_there(
        self, collection: Collection, folder: Path
    ) -> None:
        old = (folder / "picture-0000.png").read_bytes()
        copied = (folder / "picture-0001.jpg").read_bytes()
        (folder / "copy.jpg").write_bytes(copied)
        collection.add([folder])
        (folder / "picture-0000.png").write_text("not a picture any more")
        (folder / "picture-0001.jpg").write_bytes(b"")
        report = collection.add([folder])
        assert counts(report) == (0, 0, 5, 2, 2)
        assert collection.search(old, 1)[0].similarity < 0.99
        assert collection.search(copied, 1)[0].paths == (folder / "copy.jpg",)
        report = collection.add([folder])
        assert counts(report) == (0, 0, 5, 0, 0)
        assert len(report.rejected_before) == 2

    def test_what_cannot_be_read_keeps_its_image(self, settings: Settings, folder: Path) -> None:
        """It may hold the same as ever."""
        with Collection.open(create=True, settings=settings) as collection:
            collection.add([folder])
        small = dataclasses.replace(settings, max_file_bytes=10)
        with Collection.open(settings=small) as collection:
            assert counts(collection.add([folder], rescan=True)) == (0, 0, 0, 0, 6)
            assert len(collection) == 6

    @pytest.mark.parametrize("mtime_ns", [-(10**18), 0, 10**19])
    def test_a_file_of_any_time_is_taken(self, mtime_ns: int, collection: Collection, folder: Path) -> None:
        """As nanoseconds, the year 2286 is more than SQLite's integers hold."""
        os.utime(folder / "picture-0000.png", ns=(mtime_ns, mtime_ns))
        assert counts(collection.add([folder])) == (6, 0, 0, 0, 0)
        assert counts(collection.add([folder])) == (0, 0, 6, 0, 0)

    def test_bad_files_are_rejected_and_stop_nothing(self, collection: Collection, folder: Path) -> None:
        (folder / "text.png").write_text("text")
        (folder / "empty.jpg").touch()
        report = collection.add([folder, folder.with_name("absent.jpg")])
        assert report.added == 6
        assert {item.path.name for item in report.rejected} == {"text.png", "empty.jpg", "absent.jpg"}
        assert all(item.reason for item in report.rejected)

    def test_a_file_cut_short_is_taken_and_told(self, collection: Collection, folder: Path) -> None:
        whole = (folder / "picture-0001.jpg").read_bytes()
        (folder / "picture-0001.jpg").write_bytes(whole[:-2])
        report = collection.add([folder])
        assert (report.added, report.rejected) == (6, [])
        assert [(item.path.name, item.reason) for item in report.doubtful] == [
            ("picture-0001.jpg", "cut short, 100 % read")
        ]
        assert collection.status().doubtful == 1
        again = collection.add([folder])
        assert (again.doubtful, again.doubtful_before) == ([], report.doubtful)  # it was not read again
        rescanned = collection.add([folder], rescan=True)
        assert (rescanned.doubtful, rescanned.doubtful_before) == (report.doubtful, [])
        assert collection.add([folder / "picture-0000.png"]).doubtful_before == []
        shutil.copy(folder / "picture-0001.jpg", folder / "copy.jpg")
        assert [item.path.name for item in collection.add([folder]).doubtful] == ["copy.jpg"]
        (folder / "picture-0001.jpg").write_bytes(whole)
        (folder / "copy.jpg").unlink()
        assert collection.add([folder], prune=True).doubtful == []
        assert collection.status().doubtful == 0

    def test_what_was_passed_by_is_counted(self, collection: Collection, folder: Path) -> None:
        (folder / "notes.txt").touch()
        (folder / "@eaDir").mkdir()
        assert collection.add([folder]).skipped == {".txt": 1, "folder @eaDir": 1}
        assert collection.add([folder], exclude=["*.txt"]).skipped == {"excluded": 1, "folder @eaDir": 1}

    def test_names_that_are_no_text(self, collection: Collection, folder: Path) -> None:
        odd = folder / os.fsdecode(b"caf\xe9\n.png")
        (folder / "picture-0000.png").rename(odd)
        collection.add([folder])
        assert collection.search(odd, 1)[0].path == odd
        assert collection.remove([odd]) == 1

    def test_a_name_that_starts_with_a_tilde(
        self, collection: Collection, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        (folder / "picture-0000.png").rename(folder / "~picture.png")
        assert collection.add(["~picture.png"]).added == 1
        assert collection.remove(["~picture.png"]) == 1

    def test_a_single_path_is_refused(self, collection: Collection, folder: Path) -> None:
        """Its characters would be taken for paths, the root folder among them."""
        collection.add([folder])
        for method in (collection.add, collection.remove):
            with pytest.raises(UsageError, match="must be a list of paths, not the single path"):
                method(str(folder))
        assert len(collection) == 6

    def test_nothing_is_added_from_nothing(self, collection: Collection, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert collection.add([]) == AddReport()
        assert collection.add([tmp_path / "empty"], prune=True) == AddReport()
        assert collection.status().embedder is None

    def test_without_saving_no_cache_is_written(self, collection: Collection, folder: Path) -> None:
        collection.add([folder], save=False)
        assert collection.status().index == "none"
        assert collection.search(draw(3), 1)[0].path == folder / "picture-0003.png"
        collection.add([folder])
        assert collection.status().index == "up to date"


class TestProgress:
    def test_what_is_reported_is_stored_for_good(self, settings: Settings, tmp_path: Path) -> None:
        write(tmp_path / "many", 40)
        seen: list[Progress] = []
        stored_then: list[int] = []
        with (
            Collection.open(create=True, settings=settings) as collection,
            Collection.open(settings=settings) as other,
        ):

            def note(progress: Progress) -> None:
                seen.append(progress)
                stored_then.append(len(other))

            collection.add([tmp_path / "many"], on_progress=note)
        assert seen[0] == Progress(0, 40)
        assert seen[-1] == Progress(40, 40)
        done = [progress.done for progress in seen]
        assert done == sorted(done) == stored_then
        assert len(set(done)) > 2

    def test_rejected_files_count_as_done(self, collection: Collection, folder: Path) -> None:
        (folder / "text.png").write_text("text")
        seen: list[Progress] = []
        collection.add([folder], on_progress=seen.append)
        assert seen[-1] == Progress(7, 7)
        collection.add([folder], on_progress=seen.append)
        assert seen[-1] == Progress(1, 1)

    def test_an_interrupted_add_goes_on_where_it_stopped(
        self, collection: Collection, tmp_path: Path
    ) -> None:
        write(tmp_path / "many", 60)
        kept = 0

        def interrupt(progress: Progress) -> None:
            nonlocal kept
            kept = progress.done
            if kept:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            collection.add([tmp_path / "many"], on_progress=interrupt)
        assert 0 < kept < 60
        assert len(collection) == kept
        assert collection.check().problems == []
        assert counts(collection.add([tmp_path / "many"])) == (60 - kept, 0, kept, 0, 0)
