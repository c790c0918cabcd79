from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tiny_model
from lookalike import Collection
from lookalike.errors import EmbedderMismatch, NotFoundError, UsageError
from lookalike.labs.view.points import balanced, load_points
from lookalike.settings import Settings
from pictures import draw

CLASSES = {"ant": 9, "bee": 5, "cat": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures in three classes, and files that are none."""
    made = tmp_path / "pictures"
    seed = 0
    for name, count in CLASSES.items():
        (made / name).mkdir(parents=True)
        for number in range(count):
            draw(seed, 60, 40).save(made / name / f"{number:02d}.png")
            seed += 1
    (made / "ant" / "notes.txt").write_text("no picture")
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    model = tiny_model.write(tmp_path / "tiny.onnx", seed=1)
    return Settings(collection=tmp_path / "collection", model=str(model), threads=2)


class TestBalanced:
    LABELS = np.repeat([0, 1, 2, 3], [40, 3, 12, 25])

    @pytest.mark.parametrize(
        ("limit", "counts"),
        [
            (4, [1, 1, 1, 1]),
            (12, [3, 3, 3, 3]),
            (39, [12, 3, 12, 12]),
            (45, [15, 3, 12, 15]),
            (99, [40, 3, 12, 25]),
        ],
    )
    def test_no_class_has_more_unless_the_other_has_none_left(self, limit: int, counts: list[int]) -> None:
        chosen = balanced(self.LABELS, limit, seed=5)
        assert np.bincount(self.LABELS[chosen]).tolist() == counts
        assert (np.diff(chosen) > 0).all()

    def test_the_seed_draws(self) -> None:
        first = balanced(self.LABELS, 20, seed=1)
        assert (first == balanced(self.LABELS, 20, seed=1)).all()
        assert (first != balanced(self.LABELS, 20, seed=2)).any()

    def test_every_member_of_a_class_can_be_drawn(self) -> None:
        drawn = np.concatenate([balanced(self.LABELS, 12, seed=seed) for seed in range(200)])
        assert (np.bincount(drawn, minlength=80) > 0).all()


class TestFolder:
    def test_pictures_with_their_classes_and_embeddings(self, folder: Path, settings: Settings) -> None:
        points = load_points(folder, 100, 0, None, settings)
        assert points.paths == sorted(folder.rglob("*.png"))
        assert (points.source, points.found, points.model) == ("pictures", 16, "tiny")
        assert points.classes == ["ant", "bee", "cat"]
        assert points.labels.tolist() == [0] * 9 + [1] * 5 + [2] * 2
        assert points.vectors.dtype == np.float32
        with Collection.open(create=True, settings=settings) as collection:
            collection.add([folder])
            by_path = {path: image for image, path in collection.images()}
            expected = collection.vectors(by_path[path] for path in points.paths)
        np.testing.assert_array_equal(points.vectors, expected)

    def test_the_sample_is_balanced(self, folder: Path, settings: Settings) -> None:
        points = load_points(folder, 10, 0, None, settings)
        assert np.bincount(points.labels).tolist() == [4, 4, 2]
        assert points.found == 16

    def test_what_cannot_be_read_is_named_and_left_out(
        self, folder: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "cat" / "bad\n.png").write_bytes(b"nothing of the kind")
        points = load_points(folder, 100, 0, None, settings)
        assert points.paths == sorted(path for path in folder.rglob("*.png") if "bad" not in path.name)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"left out {folder}/cat/bad\\n.png: ")

    def test_a_flat_folder_is_one_class(self, folder: Path, settings: Settings) -> None:
        for path in folder.rglob("*.png"):
            path.rename(folder / f"{path.parent.name}-{path.name}")
        assert load_points(folder, 100, 0, None, settings).classes == ["pictures"]

    def test_too_few(self, folder: Path, settings: Settings) -> None:
        with pytest.raises(UsageError, match=r"needs 10 pictures or more, and .*/ant gave 9"):
            load_points(folder / "ant", 100, 0, None, settings)

    def test_none_at_all(self, tmp_path: Path, settings: Settings) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(UsageError, match=r"empty gave 0"):
            load_points(tmp_path / "empty", 100, 0, None, settings)
        with pytest.raises(NotFoundError, match="there is no folder"):
            load_points(tmp_path / "absent", 100, 0, None, settings)

    def test_another_model(self, folder: Path, settings: Settings, tmp_path: Path) -> None:
        other = tiny_model.write(tmp_path / "other.onnx", seed=2, name="other")
        points = load_points(folder, 100, 0, str(other), settings)
        assert points.model == "other"
        assert not np.allclose(points.vectors, load_points(folder, 100, 0, None, settings).vectors)


class TestCollection:
    @pytest.fixture
    def collection(self, folder: Path, settings: Settings) -> Path:
        with Collection.open(create=True, settings=settings) as opened:
            for name in ("cat", "bee", "ant"):  # not the order of the names
                opened.add([folder / name])
        return settings.collection

    def test_the_same_as_from_the_folder(self, collection: Path, folder: Path, settings: Settings) -> None:
        for limit in (100, 10):
            stored = load_points(collection, limit, 3, None, settings)
            read = load_points(folder, limit, 3, None, settings)
            assert (stored.paths, stored.found, stored.model) == (read.paths, read.found, read.model)
            np.testing.assert_array_equal(stored.vectors, read.vectors)

    def test_files_need_not_be_there(self, collection: Path, folder: Path, settings: Settings) -> None:
        folder.rename(folder.with_name("gone"))
        assert len(load_points(collection, 100, 0, None, settings).paths) == 16

    def test_a_copy_is_one_picture(self, collection: Path, folder: Path, settings: Settings) -> None:
        (folder / "aaa.png").write_bytes((folder / "ant" / "00.png").read_bytes())
        with Collection.open(settings=settings) as opened:
            opened.add([folder])
        points = load_points(collection, 100, 0, None, settings)
        assert len(points.paths) == 16
        assert points.paths[0] == folder / "aaa.png"

    def test_it_has_its_model(self, collection: Path, settings: Settings) -> None:
        with pytest.raises(UsageError, match="leave out --model"):
            load_points(collection, 100, 0, "resnet34", settings)

    def test_an_empty_one(self, tmp_path: Path, settings: Settings) -> None:
        Collection.open(tmp_path / "new", create=True, settings=settings).close()
        with pytest.raises(UsageError, match="is empty"):
            load_points(tmp_path / "new", 100, 0, None, settings)

    def test_vectors_of_removed_images_and_other_models_are_refused(
        self, collection: Path, folder: Path, settings: Settings
    ) -> None:
        with Collection.open(settings=settings) as opened, Collection.open(settings=settings) as other:
            (first, path), *_ = opened.images()
            assert opened.vectors([]).shape == (0, tiny_model.DIM)
            other.remove([path])
            with pytest.raises(NotFoundError, match=f"image {first} has just been removed"):
                opened.vectors([first])
        tiny_model.write(Path(settings.model), seed=9)
        with Collection.open(settings=settings) as opened, pytest.raises(EmbedderMismatch):
            opened.vectors([first + 1])
