from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import pictures
from lookalike import Collection
from lookalike.alterations import ALTERATIONS
from lookalike.demo.tour import STOPS, take_tour
from lookalike.settings import load_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, and one too small to be altered."""
    folder = tmp_path / "pictures"
    pictures.write(folder, 3)
    Image.new("RGB", (12, 12), (90, 200, 40)).save(folder / "tiny.png")
    return folder


@pytest.fixture
def collection(folder: Path, tmp_path: Path) -> Iterator[Collection]:
    settings = load_settings({"collection": tmp_path / "collection"})
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([folder])
        yield collection


def test_each_stop_has_a_score_of_every_picture_that_can_be_altered(
    collection: Collection, folder: Path
) -> None:
    tour = take_tour(collection, folder)
    assert [score.alteration for score in tour.scores] == [row.alteration for row in tour.rows] == list(STOPS)
    assert {len(score.ranks) for score in tour.scores} == {3}
    assert len(tour.seconds) == 3 * len(STOPS)
    mild = [score for score in tour.scores if score.alteration in ("crop-80", "jpeg-10", "resize-40")]
    assert [score.first for score in mild] == [3, 3, 3]
    for row in tour.rows:
        assert row.original is not None
        with Image.open(row.original) as original:
            copy = ALTERATIONS[row.alteration].apply(original.convert("RGB"))
        assert row.query.tobytes() == copy.tobytes()
        answers = collection.search(row.query, 5)
        assert [match.path for match in row.matches] == [str(a.path.relative_to(folder)) for a in answers]
        assert [match.is_original for match in row.matches] == [row.original == a.path for a in answers]
