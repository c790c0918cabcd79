from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import oracle
from inside import stored
from lookalike import Collection, Settings, load_settings
from lookalike.embed import load_embedder
from lookalike.errors import DamagedError, NotFoundError, UnreadableImage, UsageError
from pictures import draw


class TestOpening:
    def test_what_is_not_there_is_not_found(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"no collection at .*nowhere"):
            Collection.open(tmp_path / "nowhere", settings=Settings())
        assert not (tmp_path / "nowhere").exists()

    def test_the_settings_say_where_unless_the_caller_does(self, settings: Settings, tmp_path: Path) -> None:
        with Collection.open(create=True, settings=settings) as opened:
            assert opened.status().folder == settings.collection
        with Collection.open(tmp_path / "other", create=True, settings=settings) as opened:
            assert opened.status().folder == tmp_path / "other"

    @pytest.mark.parametrize("name", ["~/mine", "~no-such-user-here"])
    def test_a_tilde_is_a_home_or_a_name(
        self, name: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        Collection.open(name, create=True, settings=settings).close()
        assert (tmp_path / name.removeprefix("~/") / "catalog.sqlite").is_file()

    def test_a_damaged_catalog_is_said_to_be(self, settings: Settings) -> None:
        settings.collection.mkdir()
        (settings.collection / "catalog.sqlite").write_bytes(b"no database" * 1000)
        with pytest.raises(DamagedError, match="then restore a backup"):
            Collection.open(settings=settings)

    def test_the_length_is_the_number_of_images(self, collection: Collection, folder: Path) -> None:
        assert len(collection) == 0
        collection.add([folder])
        assert len(collection) == 6


class TestAnswers:
    def test_each_picture_finds_itself_by_any_kind_of_source(self, filled: Collection, gallery: Path) -> None:
        for path in sorted(gallery.iterdir())[::3]:
            sources = (path, str(path), path.read_bytes(), Image.open(path))
            answers = [filled.search(source, 3) for source in sources]
            assert answers[0][0].path == path
            assert answers[0][0].similarity == pytest.approx(1, abs=1e-6)
            assert [match.rank for match in answers[0]] == [1, 2, 3]
            assert answers.count(answers[0]) == 4

    @pytest.mark.parametrize("exact", [False, True])
    @pytest.mark.parametrize("metric", [*oracle.METRICS, "minkowski:4"])
    def test_they_are_those_of_another_library(self, metric: str, exact: bool, filled: Collection) -> None:
        """Scikit-learn, on vectors read from the file and a query embedded here."""
        ids, vectors = stored(filled)
        for seed in (1, 500):
            query = load_embedder(Settings().model).embed([draw(seed)])
            distances = oracle.distances(metric, query, vectors)[0]
            ranking = sorted(zip(distances.astype(np.float32).tolist(), ids, strict=True))[:12]
            matches = filled.search(draw(seed), 12, metric=metric, exact=exact)
            assert [match.image_id for match in matches] == [image_id for _, image_id in ranking]
            expected = [distance for distance, _ in ranking]
            np.testing.assert_allclose([match.distance for match in matches], expected, rtol=1e-5, atol=1e-6)
            similar = vectors.astype(np.float64) @ query[0].astype(np.float64)
            expected = [similar[ids.index(match.image_id)] for match in matches]
            np.testing.assert_allclose([match.similarity for match in matches], expected, atol=1e-6)

    @pytest.mark.parametrize("recall", [0.01, 0.5, 1.0, None])
    def test_a_small_collection_is_searched_whole_whatever_is_asked(
        self, recall: float | None, filled: Collection
    ) -> None:
        expected = filled.search(draw(77), 20, exact=True)
        assert filled.search(draw(77), 20, recall=recall) == expected

    @pytest.mark.parametrize("more", [0, 1, 10**6, 10**15])
    def test_more_matches_than_there_are(self, more: int, filled: Collection) -> None:
        matches = filled.search(draw(0), len(filled) + more)
        assert [match.rank for match in matches] == list(range(1, len(filled) + 1))
        assert len({match.image_id for match in matches}) == len(filled)
        distances = [match.distance for match in matches]
        assert distances == sorted(distances)

    def test_a_transparent_picture_is_found_as_file_and_in_memory(
        self, collection: Collection, folder: Path
    ) -> None:
        picture = draw(3).convert("RGBA")
        picture.putalpha(draw(4).convert("L"))
        picture.save(folder / "glass.png")
        collection.add([folder])
        for source in (folder / "glass.png", picture):
            assert collection.search(source, 1)[0].path == folder / "glass.png"

    def test_a_picture_in_memory_need_not_have_a_file(self, collection: Collection, folder: Path) -> None:
        collection.add([folder])
        stream = io.BytesIO()
        draw(3).save(stream, "PNG")
        stream.seek(0)
        assert collection.search(Image.open(stream), 1)[0].path == folder / "picture-0003.png"

    def test_another_connection_sees_changes_at_once(
        self, collection: Collection, settings: Settings, folder: Path
    ) -> None:
        with Collection.open(settings=settings) as reader:
            for path in sorted(folder.iterdir()):
                collection.add([path])
                assert reader.search(path, 1)[0].path == path
            collection.remove([folder / "picture-0000.png"])
            assert len(reader.search(draw(0), 10)) == 5


class TestRefusals:
    def test_an_empty_path_is_never_the_working_folder(
        self, collection: Collection, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        collection.add([folder])
        monkeypatch.chdir(folder)
        uses: tuple[Callable[[], object], ...] = (
            lambda: collection.add([""]),
            lambda: collection.add([folder, ""], prune=True),
            lambda: collection.remove([""]),
            lambda: collection.remove(["picture-0000.png", ""]),
            lambda: collection.search(""),
            lambda: Collection.open("", create=True, settings=collection.settings),
            lambda: load_settings({"collection": ""}),
        )
        for use in uses:
            with pytest.raises(UsageError, match="empty"):
                use()
        assert len(collection) == 6
        assert not (folder / "catalog.sqlite").exists()

    def test_an_empty_collection_has_nothing_to_find(self, collection: Collection, folder: Path) -> None:
        for _ in range(2):
            with pytest.raises(NotFoundError, match="is empty; add to it: lookalike index PATH"):
                collection.search(draw(0))
            (folder / "bad.png").write_text("text")
            collection.add([folder / "bad.png"])

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("k", 0),
            ("k", -1),
            ("k", 2.5),
            ("k", "3"),
            ("recall", 0),
            ("recall", 1.01),
            ("recall", float("nan")),
            ("metric", "cosin"),
            ("metric", "minkowski:0"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, name: str, value: Any, filled: Collection) -> None:
        with pytest.raises(UsageError, match=name):
            filled.search(draw(0), **{"k": 3, name: value})

    def test_an_unreadable_query_is_named(self, filled: Collection) -> None:
        with pytest.raises(UnreadableImage, match=r"/nowhere\.jpg: no such file"):
            filled.search("/nowhere.jpg")
