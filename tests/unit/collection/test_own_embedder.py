from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_model
from inside import counts, stored
from lookalike import Collection, Settings
from lookalike.collection.basis import Basis
from lookalike.collection.own_embedder import lasting
from lookalike.errors import EmbedderMismatch, NotFoundError, UnreadableImage
from pictures import draw, write


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Another embedder."""
    return str(tiny_model.write(tmp_path / "other.onnx", seed=2))


def test_one_attempt_is_enough_while_nothing_changes(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    assert [*collection.bases.own.attempts()] == [collection.embedder]


def test_an_attempt_during_which_the_collection_moves_is_followed_by_another(
    collection: Collection, settings: Settings, folder: Path, other: str
) -> None:
    collection.add([folder])
    old = collection.embedder
    seen = []
    with Collection.open(settings=settings) as beside:
        for embedder in collection.bases.own.attempts():
            seen.append(embedder.fingerprint)
            if embedder is old:
                assert beside.reembed(other).moved
        assert seen == [old.fingerprint, beside.embedder.fingerprint]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_question_during_a_move_is_answered_by_the_new_embedder(
    when: str,
    collection: Collection,
    settings: Settings,
    folder: Path,
    other: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The collection moves while the query is embedded: before or after the rest is brought up to date."""
    collection.add([folder])
    old = collection.embedder.fingerprint
    seen: list[Basis] = []
    now = collection.bases.now

    def moving() -> Basis:
        basis = now() if seen or when == "after" else None
        if not seen:
            with Collection.open(settings=settings) as beside:
                assert beside.reembed(other).moved
        seen.append(basis or now())
        return seen[-1]

    monkeypatch.setattr(collection.bases, "now", moving)
    picture = folder / "picture-0003.png"
    found = collection.ask(picture, 1)
    new = collection.embedder.fingerprint
    assert new != old
    assert [basis.embedder.fingerprint for basis in seen] == [new if when == "before" else old, new]
    assert found.matches == collection.search(picture, 1)
    assert found.matches[0].path == picture


def test_what_is_wrong_with_the_collection_is_told_before_what_is_wrong_with_the_picture(
    collection: Collection, folder: Path
) -> None:
    with pytest.raises(NotFoundError, match="is empty"):
        collection.search(folder / "none.png")
    collection.add([folder])
    with pytest.raises(UnreadableImage, match=r"none\.png: no such file"):
        collection.search(folder / "none.png")


def test_a_model_means_the_same_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lasting("models/mine.onnx") == str(tmp_path / "models" / "mine.onnx")
    assert lasting("resnet34") == "resnet34"


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
