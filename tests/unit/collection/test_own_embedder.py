from __future__ import annotations

from pathlib import Path

import pytest

import tiny_model
from lookalike import Collection, Settings
from lookalike.collection.own_embedder import lasting
from lookalike.collection.questions import Answer, Question, ask
from lookalike.kernels.arrays import Vectors


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Another embedder."""
    return str(tiny_model.write(tmp_path / "other.onnx", seed=2))


def test_one_attempt_is_enough_while_nothing_changes(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    assert [*collection.attempts()] == [collection.embedder]


def test_an_attempt_during_which_the_collection_moves_is_followed_by_another(
    collection: Collection, settings: Settings, folder: Path, other: str
) -> None:
    collection.add([folder])
    old = collection.embedder
    seen = []
    with Collection.open(settings=settings) as beside:
        for embedder in collection.attempts():
            seen.append(embedder.fingerprint)
            if embedder is old:
                assert beside.reembed(other).moved
        assert seen == [old.fingerprint, beside.embedder.fingerprint]


def test_a_question_during_a_move_is_answered_by_the_new_embedder(
    collection: Collection, settings: Settings, folder: Path, other: str
) -> None:
    """The collection moves between a query's embedding and the search for it."""
    collection.add([folder])
    answers: list[Answer] = []

    def answered(vector: Vectors, question: Question) -> Answer:
        if not answers:
            with Collection.open(settings=settings) as beside:
                assert beside.reembed(other).moved
        answers.append(collection.answer(vector, question))
        return answers[-1]

    picture = folder / "picture-0003.png"
    found = ask(picture, Question(1), collection.attempts(), settings.limits, answered)
    assert len(answers) == 2
    assert answers[0].matches[0].similarity < 0.99  # vectors of two embedders, which say nothing
    assert found.matches == collection.search(picture, 1)
    assert found.matches[0].path == picture


def test_a_model_means_the_same_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lasting("models/mine.onnx") == str(tmp_path / "models" / "mine.onnx")
    assert lasting("resnet34") == "resnet34"
