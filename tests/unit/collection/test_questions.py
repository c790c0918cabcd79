from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inside import image_at
from lookalike import Collection, Settings
from lookalike.collection.queries import Query, query_of
from lookalike.collection.questions import Question
from lookalike.embed import load_embedder
from lookalike.errors import EmbedderMismatch, UsageError
from lookalike.images import Limits
from pictures import draw, write


@pytest.fixture(scope="module")
def query() -> Query:
    return query_of(draw(5), load_embedder(Settings().model), Limits())


def test_it_is_what_search_finds_with_what_is_known_of_it(filled: Collection, query: Query) -> None:
    answer = filled.answer(query, Question(7))
    assert answer.matches == filled.search(draw(5), 7)
    assert [facts.image_id for facts in answer.facts] == [match.image_id for match in answer.matches]
    assert [facts.paths for facts in answer.facts] == [match.paths for match in answer.matches]
    assert (answer.images, answer.work.distances) == (len(filled), len(filled))
    assert answer.seconds > 0


def test_both_similarities_are_cosines(filled: Collection, query: Query) -> None:
    answer = filled.answer(query, Question(5))
    parts = slice(0, filled.embedder.card.copy_dim or None)
    for match, facts in zip(answer.matches, answer.facts, strict=True):
        for found, part in ((match.similarity, slice(None)), (match.copy_similarity, parts)):
            a, b = query.vector[part].astype(float), facts.vector[part].astype(float)
            assert found == pytest.approx(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), abs=1e-6)


def test_a_distance_cuts_the_list(filled: Collection, query: Query) -> None:
    every = filled.answer(query, Question(30)).matches
    for count in (0, 1, 10):
        border = every[count].distance - 1e-6
        assert filled.answer(query, Question(30, max_distance=border)).matches == every[:count]
    assert filled.answer(query, Question(30, max_distance=every[3].distance)).matches == every[:4]


def test_that_a_part_was_compared_is_said_unless_the_same_bytes_were_found(
    filled: Collection, query: Query
) -> None:
    (first, *_) = filled.answer(query, Question(5)).facts
    part = query._replace(remark="one frame")
    assert filled.answer(part, Question(5)).remark == "one frame"
    same = part._replace(sha256=first.sha256)
    assert filled.answer(same, Question(5)).remark == ""
    assert filled.answer(same, Question(5, verdicts={"different"})).remark == "one frame"


@pytest.mark.parametrize("place", ["nowhere", "beside", "."])
def test_a_folder_without_pictures_of_the_collection_is_told(
    place: str, filled: Collection, query: Query, tmp_path: Path
) -> None:
    (tmp_path / "beside").mkdir()
    folder = Path(place) if place == "." else tmp_path / place
    with pytest.raises(UsageError, match="no picture of the collection lies in the folder"):
        filled.answer(query, Question(5, folder=folder))


def test_a_folder_limits_whom_the_nearest_are_chosen_from(
    collection: Collection, folder: Path, tmp_path: Path
) -> None:
    write(tmp_path / "others", 4, first_seed=50)
    collection.add([folder, tmp_path / "others"])
    vector = collection.catalog.image(image_at(collection, folder / "picture-0000.png")).vector
    inside = collection.answer(Query(vector), Question(3, folder=tmp_path / "others"))
    assert len(inside.matches) == 3
    assert all(match.path.parent == tmp_path / "others" for match in inside.matches)
    every = [match for match in collection.answer(Query(vector), Question(10)).matches
             if match.path.parent == tmp_path / "others"]  # fmt: skip
    assert [match.image_id for match in inside.matches] == [match.image_id for match in every[:3]]


def test_places_where_the_file_is_gone_come_last_and_are_marked(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    moved = folder.with_name("zoo")
    folder.rename(moved)
    dead, alive = folder / "picture-0000.png", moved / "picture-0000.png"
    (match,) = collection.search(draw(0), 1)
    assert (match.path, match.paths, match.missing) == (dead, (dead,), (dead,))
    collection.add([moved])
    (match,) = collection.search(draw(0), 1)
    assert (match.path, match.paths, match.missing) == (alive, (alive, dead), (dead,))
    assert {path.parent for _, path in collection.images()} == {moved}


def test_another_embedders_vector_is_refused(filled: Collection) -> None:
    with pytest.raises(EmbedderMismatch, match="ask again"):
        filled.answer(Query(np.zeros(3, np.float32)), Question())


@pytest.mark.parametrize(
    "options",
    [
        {"k": 0},
        {"metric": "x"},
        {"recall": 0.0},
        {"max_distance": -1.0},
        {"max_distance": float("nan")},
        {"fpr": 0.0},
        {"fpr": 1},
        {"fpr": 1.5},
        {"fpr": float("nan")},
        {"fpr": "1e-6"},
        {"verdicts": "copy"},
        {"verdicts": ["copied"]},
    ],
)
def test_a_question_makes_sense_or_is_none(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Question(**options)
