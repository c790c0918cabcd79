"""Which pairs a scan looks at, in collections of many copies and while images come and go."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

import copies
import pictures
from kept_looks import kept_looks
from lookalike import Collection, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.collection import crowds
from lookalike.collection.duplicates import finding, nearby
from lookalike.collection.reports import Progress
from lookalike.labs.bench import sheets
from lookalike.store import LookedAtPairs

COUNT = 12
PAGES = 36


@pytest.fixture
def alike(tmp_path: Path) -> Collection:
    """Twelve copies of one picture, which differ in one pixel, and four other pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture = pictures.draw(1, 320, 240)
    for number in range(COUNT):
        picture.putpixel((number, 0), (0, 0, 0))
        picture.save(folder / f"copy-{number:02}.png", compress_level=1)
    for seed in (2, 3, 4, 5):
        pictures.draw(seed, 320, 240).save(folder / f"other-{seed}.png", compress_level=1)
    collection = Collection.open(tmp_path / "store", create=True, settings=Settings(threads=1))
    collection.add([folder])
    return collection


def _looked_at(collection: Collection) -> set[frozenset[int]]:
    pairs = LookedAtPairs(collection.bases.database, finding.RULES).all()
    return {frozenset({pair.first, pair.second}) for pair in pairs}


def test_all_copies_of_a_picture_are_one_group_however_many(alike: Collection) -> None:
    with alike:
        (group,) = alike.duplicates()
        assert {member.paths[0].stem for member in group.members} == {f"copy-{n:02}" for n in range(COUNT)}


def test_a_copy_of_an_image_with_many_copies_is_not_followed_itself(
    alike: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_MANY", 6)
    with alike:
        (group,) = alike.duplicates()
        assert len(group.members) == COUNT
        assert len(_looked_at(alike)) < 2 * COUNT  # of 66 pairs


def test_an_image_that_goes_during_the_scan_does_not_stop_it(
    alike: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_IMAGES_AT_ONCE", 4)
    gone = False

    def remove(_: Progress) -> None:
        nonlocal gone
        if not gone:
            gone = True
            paths = [path for _, path in alike.images()]
            alike.remove([paths[0], paths[1], paths[-1]])

    with alike:
        (group,) = alike.duplicates(on_progress=remove)
        assert gone
        assert len(group.members) == COUNT - 2


def test_a_picture_that_cannot_be_looked_at_is_looked_at_when_it_is_there_again(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    paths = pictures.write(folder, 1)
    Image.open(paths[0]).rotate(90, expand=True).save(folder / "turned.png")
    with Collection.open(tmp_path / "store", create=True, settings=Settings(sights=False)) as collection:
        collection.add([folder])
        hidden = folder.rename(tmp_path / "hidden")
        assert collection.duplicates() == []
        hidden.rename(folder)
        assert copies.stems(collection.duplicates()) == {frozenset({paths[0].stem, "turned"})}


def test_copies_of_pages_are_found_though_other_pages_are_more_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowds, "CROWDED", 1.0)  # else most of them are found by their landmarks
    folder = tmp_path / "pages"
    folder.mkdir()
    edited = {number: ("flip", "rotate-180")[number % 2] for number in range(12)}
    for number in range(PAGES):
        page = sheets.draw("pages", number)
        page.save(folder / f"{number}.png", compress_level=1)
        if name := edited.get(number):
            ALTERATIONS[name].apply(page).save(folder / f"{number}-{name}.png", compress_level=1)
    with Collection.open(tmp_path / "store-0", create=True, settings=Settings(threads=1)) as collection:
        collection.add([folder])
    shutil.copytree(tmp_path / "store-0", tmp_path / f"store-{PAGES * 2}")
    found = {}
    with kept_looks():
        for few in (0, PAGES * 2):
            monkeypatch.setattr(nearby, "_FEW", few)
            with Collection.open(tmp_path / f"store-{few}", settings=Settings(threads=1)) as collection:
                found[few] = copies.stems(collection.duplicates())
    pairs = {frozenset({f"{number}", f"{number}-{name}"}) for number, name in edited.items()}
    assert found[0] < found[PAGES * 2] <= pairs
    assert len(found[PAGES * 2]) >= 9
