from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_model
from inside import counts, stored
from lookalike import Collection, Settings
from lookalike.errors import DamagedError, EmbedderMismatch, NotFoundError
from pictures import draw, write


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
        with pytest.raises(DamagedError, match="restore it or index anew"):
            Collection.open(settings=settings)

    def test_the_length_is_the_number_of_images(self, collection: Collection, folder: Path) -> None:
        assert len(collection) == 0
        collection.add([folder])
        assert len(collection) == 6


class TestEmbedders:
    def test_a_models_file_is_found_again(
        self, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Made by a relative path, used from another folder by settings that name another model."""
        monkeypatch.chdir(Path(settings.model).parent)
        with Collection.open(create=True, settings=replace(settings, model="tiny.onnx")) as collection:
            collection.add([folder])
        monkeypatch.chdir("/")
        with Collection.open(settings=replace(settings, model="resnet34")) as collection:
            assert collection.embedder.card == tiny_model.card()
            assert collection.search(folder / "picture-0001.jpg", 1)[0].similarity > 0.999
            write(folder, 1, first_seed=6)
            assert counts(collection.add([folder])) == (1, 0, 6, 0, 0)

    def test_other_weights_are_refused_and_nothing_is_lost(self, settings: Settings, folder: Path) -> None:
        with Collection.open(create=True, settings=settings) as collection:
            collection.add([folder])
            before = stored(collection)
        tiny_model.write(Path(settings.model), seed=2)
        write(folder, 1, first_seed=6)
        with Collection.open(settings=settings) as collection:
            with pytest.raises(EmbedderMismatch, match="made by another version"):
                collection.add([folder])
            with pytest.raises(EmbedderMismatch, match="made by another version"):
                collection.search(draw(0))
            with pytest.raises(EmbedderMismatch, match="made by another version"):
                collection.remove([folder])
            assert len(collection) == 6
        tiny_model.write(Path(settings.model), seed=1)
        with Collection.open(settings=settings) as collection:
            after = stored(collection)
            assert after[0] == before[0]
            np.testing.assert_array_equal(after[1], before[1])
            assert counts(collection.add([folder])) == (1, 0, 6, 0, 0)

    def test_two_models_for_an_empty_collection(
        self, collection: Collection, settings: Settings, folder: Path, tmp_path: Path
    ) -> None:
        """Who comes second has loaded its own model already, and must not search or add with that."""
        other = tiny_model.write(tmp_path / "other.onnx", seed=9)
        with Collection.open(settings=replace(settings, model=str(other))) as second:
            assert second.embedder.fingerprint != collection.embedder.fingerprint
            collection.add([folder])
            matches = second.search(folder / "picture-0000.png", 6)
            assert matches == collection.search(folder / "picture-0000.png", 6)
            write(folder, 1, first_seed=6)
            assert counts(second.add([folder])) == (1, 0, 6, 0, 0)
            assert second.embedder.fingerprint == collection.embedder.fingerprint
