"""A search in a crowd of pages finds copies by their landmarks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

import pictures
from fresh import run_fresh
from kept_looks import kept_looks
from lookalike import Collection, Match, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.calibration import strangers
from lookalike.collection import judging, landmarked
from lookalike.collection.queries import query_for_many
from lookalike.collection.questions import FPR
from lookalike.labs.bench import sheets
from lookalike.store import Catalog, ImageFacts

PAGES = 160
EDITED = {number: ("rotate-90", "rotate-30", "crop-50")[number % 3] for number in range(0, PAGES, 10)}
COPIES = ("identical", "copy")


@cache
def edited(number: int) -> Image.Image:
    return ALTERATIONS[EDITED[number]].apply(sheets.draw("pages", number))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of pages, in two folders, and of photos.

    It is judged by what ships: to measure what its own strangers score takes longer than to index it.
    """
    folder = tmp_path_factory.mktemp("pages")
    for number in range(PAGES):
        path = folder / ("even", "odd")[number % 2] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        sheets.draw("pages", number).save(path, compress_level=1)
    pictures.write(folder / "photos", 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strangers, "FEWEST", 2 * PAGES)
        with Collection.open(folder / "store", create=True, settings=Settings(threads=2)) as collection:
            collection.add([folder])
    return folder / "store"


@pytest.fixture
def collection(store: Path) -> Iterator[Collection]:
    with Collection.open(store, settings=Settings(threads=2)) as opened:
        yield opened


def copies_in(matches: list[Match]) -> list[str]:
    return [match.path.stem for match in matches if match.verdict in COPIES]


def found(collection: Collection) -> int:
    """Of how many copies the page is found, and nothing else."""
    answers = {number: copies_in(collection.search(edited(number))) for number in EDITED}
    assert all(copies in ([], [f"{number}"]) for number, copies in answers.items())
    return sum(bool(copies) for copies in answers.values())


def test_copies_of_pages_are_found_by_their_landmarks(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kept_looks():
        with_landmarks = found(collection)
        monkeypatch.setattr(judging, "is_near_crowd", lambda *_: False)
        without = found(collection)
    assert with_landmarks >= without + 3
    assert with_landmarks >= 13  # of 16


def test_what_they_find_comes_first_with_its_distance(collection: Collection) -> None:
    first, *others = collection.search(edited(50), k=60)
    assert first.path.stem == "50"
    assert first.verdict == "copy"
    assert first.evidence is not None
    assert first.distance > min(other.distance for other in others)
    assert [match.rank for match in (first, *others)] == list(range(1, 61))
    assert len({match.image_id for match in (first, *others)}) == 60


def test_only_pages_that_are_asked_about_are_found(collection: Collection, store: Path) -> None:
    folder = store.parent
    assert copies_in(collection.search(edited(50), folder=folder / "even")) == ["50"]
    assert copies_in(collection.search(edited(50), folder=folder / "odd")) == []


def test_images_that_have_moved_to_another_embedder_are_left_out(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    basis = collection.bases.now()
    query = query_for_many(edited(50), basis.embedder, basis.limits)
    ((image, _),) = landmarked.copies_by_landmarks(query, (), FPR, basis)
    assert image.paths[0].stem == "50"
    images = Catalog.images

    def moved(catalog: Catalog, ids: Sequence[int]) -> dict[int, ImageFacts]:
        return {key: replace(one, vector=one.vector[:3]) for key, one in images(catalog, ids).items()}

    monkeypatch.setattr(Catalog, "images", moved)
    assert landmarked.copies_by_landmarks(query, (), FPR, basis) == []


def test_pages_without_landmarks_are_searched_as_ever(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store, tmp_path / "store")
    with Collection.open(tmp_path / "store", settings=Settings(threads=2)) as collection:
        with collection.bases.database.atomic() as connection:
            connection.execute("DELETE FROM landmarks")
        assert copies_in(collection.search(sheets.draw("pages", 7))) == ["7"]


def test_a_search_for_a_photo_asks_for_none(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmarked, "copies_by_landmarks", lambda *_, **__: pytest.fail("asked"))
    assert copies_in(collection.search(pictures.draw(3)))


def test_a_search_for_a_photo_does_not_load_them(store: Path) -> None:
    photo = next((store.parent / "photos").iterdir())
    code = (
        "import sys; from lookalike import Collection\n"
        "print(len(Collection.open(sys.argv[1]).search(sys.argv[2])), *sys.modules)"
    )
    count, *modules = run_fresh(code, store, photo).stdout.split()
    assert count == "10"
    assert not {"lookalike.collection.landmarked", "lookalike.collection.marking"} & {*modules}
