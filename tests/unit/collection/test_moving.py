from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_model
from inside import catalog, stored
from lookalike import Collection, Progress, Settings
from lookalike.errors import EmbedderMismatch, NotFoundError
from pictures import draw, write


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Another embedder, of as many dimensions."""
    return str(tiny_model.write(tmp_path / "other.onnx", seed=2))


def fresh(settings: Settings, folder: Path, model: str, tmp_path: Path) -> dict[Path, list[float]]:
    """What a new collection by a model holds: vectors by path."""
    place = replace(settings, collection=tmp_path / "fresh", model=model)
    with Collection.open(create=True, settings=place) as collection:
        collection.add([folder])
        return by_path(collection)


def by_path(collection: Collection) -> dict[Path, list[float]]:
    ids, vectors = stored(collection)
    vector_of = dict(zip(ids, vectors.tolist(), strict=True))
    with closing(catalog(collection)) as connection:
        rows = connection.execute("SELECT path, image_id FROM files").fetchall()
    return {Path(path.decode()): vector_of[image_id] for path, image_id in rows}


class TestMoving:
    def test_afterwards_it_is_as_if_indexed_anew(
        self, collection: Collection, settings: Settings, folder: Path, other: str, tmp_path: Path
    ) -> None:
        collection.add([folder])
        ids, before = stored(collection)
        report = collection.reembed(other)
        assert (report.embedded, report.dropped, report.missing, report.moved) == (6, 0, [], True)
        assert by_path(collection) == fresh(settings, folder, other, tmp_path)
        assert stored(collection)[0] == ids
        assert not np.allclose(stored(collection)[1], before)
        assert collection.embedder.fingerprint == collection.status().fingerprint
        assert collection.search(folder / "picture-0002.webp", 1)[0].path == folder / "picture-0002.webp"
        assert collection.check().problems == []

    def test_to_another_number_of_dimensions(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        collection.search(draw(1), 1)
        assert collection.reembed("resnet34").moved
        assert stored(collection)[1].shape == (6, 512)
        match = collection.search(folder / "picture-0001.jpg", 1)[0]
        assert (match.path, match.similarity) == (folder / "picture-0001.jpg", pytest.approx(1, abs=1e-4))
        (folder / "deeper").mkdir()
        write(folder / "deeper", 2, first_seed=20)
        assert collection.add([folder]).added == 2
        assert stored(collection)[1].shape == (8, 512)

    def test_twice_is_once(self, collection: Collection, folder: Path, other: str) -> None:
        collection.add([folder])
        collection.reembed(other)
        revision = collection.revision
        report = collection.reembed(other)
        assert (report.embedded, report.moved) == (0, True)
        assert collection.revision == revision

    def test_progress_ends_with_all(self, collection: Collection, folder: Path, other: str) -> None:
        collection.add([folder])
        seen: list[Progress] = []
        collection.reembed(other, on_progress=seen.append)
        assert (seen[0], seen[-1]) == (Progress(0, 6), Progress(6, 6))

    def test_an_empty_collection_has_nothing_to_move(self, collection: Collection, other: str) -> None:
        with pytest.raises(NotFoundError, match="empty"):
            collection.reembed(other)

    def test_from_an_embedder_that_is_lost(
        self, collection: Collection, settings: Settings, folder: Path, other: str
    ) -> None:
        """As after an upgrade that brought another network under the same name."""
        collection.add([folder])
        tiny_model.write(Path(settings.model), seed=9)
        with Collection.open(settings=settings) as again:
            with pytest.raises(EmbedderMismatch, match=rf"lookalike reembed --model {settings.model}"):
                again.search(draw(1))
            assert again.reembed(settings.model).moved
            assert again.search(folder / "picture-0001.jpg", 1)[0].path == folder / "picture-0001.jpg"
        Path(settings.model).unlink()
        with Collection.open(settings=settings) as again:
            assert again.reembed(other).moved


class TestMissingPictures:
    def test_nothing_moves_until_each_is_back_or_forgotten(
        self, collection: Collection, folder: Path, other: str
    ) -> None:
        collection.add([folder])
        before = by_path(collection)
        gone, changed = folder / "picture-0003.png", folder / "picture-0004.jpg"
        kept = gone.read_bytes()
        gone.unlink()
        draw(99).save(changed)
        report = collection.reembed(other)
        assert (report.moved, report.embedded) == (False, 4)
        reasons = {item.path: item.reason for item in report.missing}
        assert set(reasons) == {gone, changed}
        assert "changed since it was indexed" in reasons[changed]
        assert by_path(collection) == before
        gone.write_bytes(kept)
        collection.remove([changed])
        report = collection.reembed(other)
        assert (report.moved, report.embedded) == (True, 1)
        assert len(collection) == 5

    def test_a_copy_elsewhere_will_do(self, collection: Collection, folder: Path, other: str) -> None:
        shutil.copy(folder / "picture-0000.png", folder / "a-copy.png")
        collection.add([folder])
        (folder / "a-copy.png").unlink()
        assert collection.reembed(other).moved


class TestMeanwhile:
    def test_all_else_goes_on_with_the_old(
        self, collection: Collection, settings: Settings, folder: Path, other: str
    ) -> None:
        """Another process' view, at every step: searches, additions, removals."""
        collection.add([folder])
        old = collection.embedder.fingerprint
        with Collection.open(settings=settings) as beside:

            def look(progress: Progress) -> None:
                if progress.total != 6:
                    return
                assert beside.status().fingerprint == old
                assert beside.search(folder / "picture-0001.jpg", 1)[0].path == folder / "picture-0001.jpg"
                if not progress.done:
                    write(folder / "late", 3, first_seed=50)
                    assert beside.add([folder / "late"]).added == 3
                    beside.remove([folder / "picture-0005.webp"])

            report = collection.reembed(other, on_progress=look)
            assert report.moved
            assert len(collection) == 8
            new = collection.embedder.fingerprint
            assert beside.status().fingerprint == new != old
            assert beside.search(folder / "late" / "picture-0051.png", 1)[0].similarity > 0.999

    def test_an_add_that_was_under_way_is_told(
        self, collection: Collection, settings: Settings, folder: Path, other: str, tmp_path: Path
    ) -> None:
        """Vectors of two embedders never meet."""
        collection.add([folder])
        write(folder / "late", 60, first_seed=50)
        old = collection.embedder
        with Collection.open(settings=settings) as beside:

            def move(progress: Progress) -> None:
                if progress.done and collection.embedder is old:
                    assert collection.reembed(other).moved

            with pytest.raises(EmbedderMismatch, match=r"has moved to .*; run the same command again"):
                beside.add([folder / "late"], on_progress=move)
            assert beside.add([folder / "late"]).added > 20
        assert by_path(collection) == fresh(settings, folder, other, tmp_path)
        assert collection.check().problems == []

    def test_another_model_half_way_starts_again(
        self, collection: Collection, folder: Path, other: str, tmp_path: Path
    ) -> None:
        collection.add([folder])
        (folder / "picture-0003.png").unlink()
        assert collection.reembed(other).embedded == 5
        third = str(tiny_model.write(tmp_path / "third.onnx", seed=3))
        report = collection.reembed(third)
        assert (report.dropped, report.embedded, report.moved) == (5, 5, False)

    def test_what_was_done_is_not_done_again(
        self, collection: Collection, folder: Path, other: str, tmp_path: Path, settings: Settings
    ) -> None:
        write(folder, 48)
        collection.add([folder])

        def stop(progress: Progress) -> None:
            if progress.done >= 16:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            collection.reembed(other, on_progress=stop)
        with Collection.open(settings=settings) as again:
            report = again.reembed(other)
            assert 0 < report.embedded <= 32
            assert by_path(again) == fresh(settings, folder, other, tmp_path)
