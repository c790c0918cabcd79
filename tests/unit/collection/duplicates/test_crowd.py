"""Pages, which are all alike to the embedder, are found by their landmarks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import copies
from kept_looks import kept_looks
from locked import locked
from lookalike import Collection, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.collection import crowds
from lookalike.collection.duplicates import finding
from lookalike.collection.duplicates.crowd import Beside, Crowd
from lookalike.collection.reports import Progress
from lookalike.labs.bench import sheets
from lookalike.sight import LANDMARK_RULES, find_landmarks, reduced, votes
from lookalike.store import LandmarksOfImages, LookedAtPairs
from stores import write_behind

PAGES = 60
EDITED = ("crop-80", "rotate", "perspective", "rotate-30", "screenshot", "pad")
COPIES = {PAGES + place: (place, EDITED[place % len(EDITED)]) for place in range(18)}
"""Copies of the first pages: of each number, that of its page and how it was edited."""


@pytest.fixture(scope="module", autouse=True)
def _pairs_are_looked_at_once() -> Iterator[None]:
    with kept_looks():
        yield


@cache
def _drawn(page: int) -> Image.Image:
    return sheets.draw("pages", page)


@cache
def _edited(page: int, name: str) -> Image.Image:
    return ALTERATIONS[name].apply(_drawn(page))


def _packed(image: Image.Image) -> bytes:
    return find_landmarks(np.asarray(reduced(image).convert("L"))).packed()


@pytest.fixture(scope="module")
def packed() -> dict[int, bytes]:
    """Landmarks of pages and their copies."""
    pages = {number: _packed(_drawn(number)) for number in range(PAGES)}
    return pages | {number: _packed(_edited(*made)) for number, made in COPIES.items()}


def _found_first(packed: Mapping[int, bytes]) -> int:
    """Of how many copies, and pages, the other one is the likeliest."""
    found = Crowd(packed)
    ways = [(copy, page) for copy, (page, _) in COPIES.items()]
    ways += [(page, copy) for copy, page in ways]
    return sum(found.near(one)[:1] == [other] for one, other in ways)


def test_of_the_pages_of_a_crowd_the_own_one_is_the_likeliest(packed: Mapping[int, bytes]) -> None:
    assert _found_first(packed) >= 24  # of 36


def test_of_many_pictures_fewer_landmarks_are_looked_at(
    packed: Mapping[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    all_landmarks = _found_first(packed)
    monkeypatch.setattr(votes, "_MOST_ROWS", 32 * len(packed))
    assert 12 <= _found_first(packed) < all_landmarks


def test_a_mirrored_page_is_found(packed: Mapping[int, bytes]) -> None:
    assert Crowd({**packed, 999: _packed(_edited(40, "flip"))}).near(999)[0] == 40


def test_a_blank_page_is_like_none(packed: Mapping[int, bytes]) -> None:
    blank = _packed(Image.new("RGB", (620, 880), "white"))
    assert Crowd({**packed, 999: blank}).near(999) == []
    assert Crowd({998: blank, 999: blank}).near(999) == []


def test_pictures_beside_a_crowd_have_two_of_their_nearest_in_it() -> None:
    beside = Beside(np.array([2, 3, 5, 7, 11], np.int64))
    for image_id, neighbours in {2: [3, 5, 7], 5: [1, 3, 4], 7: [3, 1, 4, 9], 11: [1, 3]}.items():
        beside.note(image_id, np.array(neighbours, np.int64))
    beside.note(13, np.array([1, 3, 4], np.int64))  # of none of them
    assert beside.of([1, 3, 4]) == [5, 7, 11]
    assert beside.of([1, 3, 4, 5, 7]) == [2, 11]
    assert beside.of([]) == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of pages and copies of some, which was not searched, and has no landmarks yet."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "pages").mkdir()
    for number in range(PAGES):
        _drawn(number).save(folder / "pages" / f"{number}.png", compress_level=1)
    for page, name in COPIES.values():
        _edited(page, name).save(folder / "pages" / f"{page}-{name}.png", compress_level=1)
    with Collection.open(folder / "store", create=True) as collection:
        collection.add([folder / "pages"])
        with collection.bases.database.atomic() as connection:  # as if an older version had indexed them
            connection.execute("DELETE FROM landmarks")
    return folder / "store"


@pytest.fixture
def store(pages: Path, tmp_path: Path) -> Path:
    """The same for one test."""
    shutil.copytree(pages, tmp_path / "store")
    return tmp_path / "store"


def _opened(store: Path) -> Collection:
    return Collection.open(store, settings=Settings(threads=2))


def _looked_at(collection: Collection) -> list[tuple[int, int]]:
    pairs = LookedAtPairs(collection.bases.database, finding.RULES).all()
    return [(pair.first, pair.second) for pair in pairs]


@pytest.fixture(scope="module")
def searched(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, searched in one go."""
    store = tmp_path_factory.mktemp("searched") / "store"
    shutil.copytree(pages, store)
    with _opened(store) as collection:
        collection.duplicates()
    return store


@pytest.fixture(scope="module")
def groups(searched: Path) -> set[frozenset[str]]:
    """What was found there, by the stems of files."""
    with _opened(searched) as collection:
        return copies.stems(collection.duplicates())


def test_a_scan_finds_copies_of_pages_by_their_landmarks(
    groups: set[frozenset[str]], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = {frozenset({f"{page}", f"{page}-{name}"}) for page, name in COPIES.values()}
    assert groups <= pairs
    monkeypatch.setattr(votes, "_LEAST", np.inf)
    with _opened(store) as collection:
        without = copies.stems(collection.duplicates())
    assert len(groups) >= len(without) + 4


def test_no_landmarks_are_kept_of_pictures_that_lie_in_no_crowd(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowds, "CROWDED", 1.0)
    with _opened(store) as collection:
        collection.duplicates()
        assert LandmarksOfImages(collection.bases.database, LANDMARK_RULES).ids() == []


@pytest.mark.parametrize("at", [0, 32, PAGES])
def test_a_scan_that_is_interrupted_finds_the_same(
    at: int, groups: set[frozenset[str]], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_IMAGES_AT_ONCE", 8)

    def stop(progress: Progress) -> None:
        if progress.done > at:
            raise KeyboardInterrupt

    with _opened(store) as collection, pytest.raises(KeyboardInterrupt):
        collection.duplicates(on_progress=stop)
    again: list[Progress] = []
    with _opened(store) as collection:
        assert copies.stems(collection.duplicates(on_progress=again.append)) == groups
        assert at / 2 <= again[0].done < again[0].total
        assert again[-1].done == again[-1].total == PAGES + len(COPIES)
        looked_at = _looked_at(collection)
        assert collection.duplicates() == collection.duplicates()
        assert _looked_at(collection) == looked_at


def test_damaged_landmarks_are_found_again(
    groups: set[frozenset[str]], searched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    shutil.copytree(searched, store)
    with _opened(store) as collection:
        kept = LandmarksOfImages(collection.bases.database, LANDMARK_RULES)
        before = kept.all()
        damaged = list(before)[::7]
        for image_id in damaged:
            write_behind(
                store / "catalog.sqlite", "UPDATE landmarks SET data = x'00' WHERE image_id = ?", image_id
            )
        assert kept.lost() == damaged
        assert copies.stems(collection.duplicates()) == groups
        assert kept.all() == before


def test_landmarks_that_are_there_are_not_found_anew(
    searched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    shutil.copytree(searched, store)
    with _opened(store) as collection:
        with collection.bases.database.atomic() as connection:  # as if by another embedder
            connection.execute("DELETE FROM scans")
        monkeypatch.setattr(finding, "landmarks_of", lambda images, _: pytest.fail(f"again: {images}"))
        collection.duplicates()


def test_only_new_pages_are_looked_for(
    groups: set[frozenset[str]], searched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(searched, tmp_path / "store")
    _edited(50, "crop-50").save(tmp_path / "new.png")
    asked: list[int] = []
    near = Crowd.near
    monkeypatch.setattr(Crowd, "near", lambda self, image_id: asked.append(image_id) or near(self, image_id))
    with _opened(tmp_path / "store") as collection:
        collection.add([tmp_path / "new.png"])
        assert copies.stems(collection.duplicates()) == groups | {frozenset({"50", "new"})}
        assert len(asked) == 1


def test_a_collection_that_can_only_be_read_finds_the_same(
    groups: set[frozenset[str]], store: Path, tmp_path: Path
) -> None:
    with locked(store, tmp_path / "view") as view, _opened(view) as collection:
        assert copies.stems(collection.duplicates()) == groups
