"""Landmarks of images in crowds are found when images are indexed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Collection, Settings
from lookalike.collection import marking
from lookalike.collection.reports import Progress
from lookalike.errors import Busy
from lookalike.labs.bench import sheets
from lookalike.sight import LANDMARK_RULES
from lookalike.store import LandmarksOfImages
from pictures import write
from stores import write_behind

PAGES = 16


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Tables, all alike to the embedder."""
    folder = tmp_path_factory.mktemp("pages")
    paths = [folder / f"{number:02}.png" for number in range(PAGES)]
    for number, path in enumerate(paths):
        sheets.draw("pages", 4 * number + 2).save(path)
    return paths


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with Collection.open(tmp_path / "store", create=True, settings=Settings(threads=2)) as opened:
        yield opened


def marked(collection: Collection) -> list[int]:
    """The images that have landmarks."""
    return LandmarksOfImages(collection.bases.database, LANDMARK_RULES).ids()


def test_pages_have_landmarks_once_they_are_indexed(collection: Collection, pages: list[Path]) -> None:
    seen: list[Progress] = []
    collection.add(pages, on_progress=seen.append)
    assert marked(collection) == [image_id for image_id, _ in collection.images()]
    assert seen[0] == Progress(0, PAGES)
    assert Progress(PAGES, PAGES) in seen
    assert seen[-1] == Progress(2 * PAGES, 2 * PAGES)


def test_photos_have_none(collection: Collection, tmp_path: Path) -> None:
    write(tmp_path / "photos", 30)
    collection.add([tmp_path / "photos"])
    assert marked(collection) == []


def test_pages_that_came_before_there_was_a_crowd_have_them_too(
    collection: Collection, pages: list[Path]
) -> None:
    for start in range(0, PAGES, 5):
        collection.add(pages[start : start + 5])
    assert marked(collection) == [image_id for image_id, _ in collection.images()]


def test_no_landmarks_are_found_twice(
    collection: Collection, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.add(pages[:-1])
    asked: list[int] = []
    find = marking.landmarks_of
    monkeypatch.setattr(
        marking, "landmarks_of", lambda images, looks: asked.extend(images) or find(images, looks)
    )
    collection.add(pages)
    assert asked == [collection.images()[-1][0]]


def test_an_interrupted_search_for_them_is_gone_on_with(
    collection: Collection, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "_MARKED", 4)

    def stop(progress: Progress) -> None:
        if progress.done > PAGES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collection.add(pages, on_progress=stop)
    assert 4 <= len(marked(collection)) < PAGES
    collection.add(pages)
    assert len(marked(collection)) == PAGES


def test_damaged_ones_are_found_again(collection: Collection, pages: list[Path], tmp_path: Path) -> None:
    collection.add(pages)
    kept = LandmarksOfImages(collection.bases.database, LANDMARK_RULES)
    before = kept.all()
    for image_id, sql in (
        (3, "UPDATE landmarks SET data = x'00' WHERE image_id = ?"),
        (5, "UPDATE landmarks SET rules = rules - 1 WHERE image_id = ?"),
    ):
        write_behind(tmp_path / "store" / "catalog.sqlite", sql, image_id)
    assert kept.lost() == [3, 5]
    collection.add(pages)
    assert kept.all() == before


def test_they_are_found_in_the_files_if_no_small_pictures_are_kept(tmp_path: Path, pages: list[Path]) -> None:
    own = shutil.copytree(pages[0].parent, tmp_path / "own")
    with Collection.open(tmp_path / "store", create=True, settings=Settings(sights=False)) as collection:
        collection.add([own], save=False)
        (own / pages[2].name).unlink()
        collection.add([own])
        assert len(marked(collection)) == PAGES - 1


def test_a_collection_of_vectors_alone_has_none(tmp_path: Path, pages: list[Path]) -> None:
    with Collection.open(tmp_path / "store", create=True, keep="vectors") as collection:
        collection.add(pages)
        assert marked(collection) == []


def test_an_upload_has_them_at_once(collection: Collection, pages: list[Path], tmp_path: Path) -> None:
    collection.add(pages[:-1])
    (page,) = collection.add_uploads([pages[-1].read_bytes()])
    assert page.image_id in marked(collection)
    (photo,) = collection.add_uploads([write(tmp_path / "photos", 1)[0].read_bytes()])
    assert photo.new
    assert photo.image_id not in marked(collection)


def test_an_upload_is_kept_though_landmarks_cannot_be_found(
    collection: Collection, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("somebody else writes")

    collection.add(pages[:-1])
    monkeypatch.setattr(LandmarksOfImages, "record", busy)
    (page,) = collection.add_uploads([pages[-1].read_bytes()])
    monkeypatch.undo()
    assert page.new
    collection.add(pages)
    assert page.image_id in marked(collection)
