from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import moody_model
from hostile import encoded
from inside import image_at
from lookalike import Collection, Settings
from lookalike.embed import load_embedder
from lookalike.errors import DamagedError
from lookalike.store.encoding import checksum_of
from moody_model import DIM, SOUND, WRONG, picture
from stores import write_behind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures; a moody network has no vector for 03 and 07."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(10):
        picture(WRONG if number in (3, 7) else SOUND, number).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """For a network that takes every picture."""
    model = moody_model.write(tmp_path, "none")
    return Settings(collection=tmp_path / "collection", model=str(model), threads=1)


@pytest.fixture
def collection(settings: Settings, folder: Path) -> Iterator[Collection]:
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([folder])
        yield collection


def catalog(settings: Settings) -> Path:
    return settings.collection / "catalog.sqlite"


def poison(settings: Settings, image_id: int, value: float, length: int = DIM) -> None:
    """Store what a network may give for an image, as it was stored when nobody looked."""
    vector = np.full(length, value, "<f4").tobytes()
    sql = "UPDATE embeddings SET vector = ?, checksum = ? WHERE image_id = ?"
    write_behind(catalog(settings), sql, vector, zlib.crc32(vector), image_id)


def forget_caches(settings: Settings) -> None:
    for path in (settings.collection / "index").iterdir():
        path.unlink()


@pytest.mark.parametrize(("value", "length"), [(np.nan, DIM), (np.inf, DIM), (0, DIM), (0.25, DIM - 1)])
def test_a_vector_that_cannot_be_used_is_made_anew(
    value: float, length: int, collection: Collection, settings: Settings, folder: Path
) -> None:
    found = {number: image_at(collection, folder / f"{number:02}.png") for number in range(10)}
    before = collection.search(folder / "04.png", 10)
    for number in (4, 7):
        poison(settings, found[number], value, length)
    forget_caches(settings)
    with Collection.open(settings=settings) as opened:
        if value != 0:
            with pytest.raises(DamagedError, match="run: lookalike verify"):
                opened.search(folder / "01.png", 3)
        problems = opened.check().problems
        assert len(problems) == 2
        assert str(folder / "04.png") in problems[0]
        report = opened.check(repair=True)
        assert report.problems == []
        assert ["read again from its file" in line for line in report.repaired] == [True, True]
        assert opened.search(folder / "04.png", 10) == before
        assert image_at(opened, folder / "04.png") == found[4]
        assert opened.check().repaired == []
    assert collection.search(folder / "04.png", 10) == before


def test_an_open_reader_takes_over_the_vector_that_was_made_anew(
    collection: Collection, settings: Settings, folder: Path
) -> None:
    """It holds another vector, which no query is near to, as one opened from a poisoned cache would."""
    image_id = image_at(collection, folder / "04.png")
    before = collection.search(folder / "04.png", 10)
    poison(settings, image_id, 0)
    forget_caches(settings)
    with Collection.open(settings=settings) as reader:
        assert reader.search(folder / "04.png", 1)[0].similarity == 0  # found by its bytes alone
        with Collection.open(settings=settings) as other:
            assert other.check(repair=True).problems == []
        assert reader.search(folder / "04.png", 10) == before
    assert collection.remove([folder / "04.png"]) == 1  # which leaves word of the id a second time
    assert collection.check().problems == []


def test_what_cannot_be_made_anew_is_forgotten(
    collection: Collection, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    """The network has no vector for 03, 04 is gone, 05 has changed; the rest of the collection lives on."""
    moody = load_embedder(str(moody_model.write(tmp_path, "NaN")))
    sum_ = checksum_of("fingerprint", moody.fingerprint)
    change = "UPDATE facts SET value = ?, checksum = ? WHERE name = 'fingerprint'"
    write_behind(catalog(settings), change, moody.fingerprint, sum_)
    for number in (3, 4, 5, 6):
        poison(settings, image_at(collection, folder / f"{number:02}.png"), np.nan)
    (folder / "04.png").unlink()
    (folder / "05.png").write_bytes((folder / "00.png").read_bytes())
    with Collection.open(settings=settings) as opened:
        report = opened.check(repair=True)
        assert report.problems == []
        forgotten = {line[-6:]: line for line in report.repaired if "forgotten" in line}
        assert sorted(forgotten) == ["03.png", "04.png", "05.png"]
        assert "NaN or infinity" in forgotten["03.png"]
        assert len(opened) == 7
        assert opened.search(folder / "06.png", 1)[0].path == folder / "06.png"
        again = opened.add([folder])
        assert [file.path.name for file in again.rejected] == ["03.png"]
        assert (again.added, again.linked) == (0, 1)


@pytest.mark.parametrize("change", ["format = 'JPEG'", "width = 3", "height = 99"])
def test_facts_of_an_image_are_read_again(
    change: str, collection: Collection, settings: Settings, folder: Path
) -> None:
    image_id = image_at(collection, folder / "02.png")
    before = collection.catalog.image(image_id)
    write_behind(catalog(settings), f"UPDATE images SET {change} WHERE id = {image_id}")
    assert len(collection.check().problems) == 1
    assert len(collection.check(repair=True).repaired) == 1
    after = collection.catalog.image(image_id)
    assert (after.format, after.width, after.height) == (before.format, before.width, before.height)
    assert collection.check().problems == []


@pytest.mark.parametrize("change", ["remark = 'other'", "checksum = 1"])
def test_what_is_wrong_with_a_file_is_read_again(
    change: str, collection: Collection, settings: Settings, folder: Path
) -> None:
    cut = folder / "cut.jpg"
    cut.write_bytes(encoded(picture(SOUND, 11), "JPEG")[:-2])
    collection.add([folder])
    image_id = image_at(collection, cut)
    assert collection.catalog.doubts() == {image_id: "cut short, 100 % read"}
    write_behind(catalog(settings), f"UPDATE doubts SET {change}")
    assert collection.catalog.doubts([image_id]) == {image_id: "read with a doubt"}
    (problem,) = collection.check().problems
    assert problem.startswith(f"what is wrong with the file of image {image_id} is damaged")
    assert len(collection.check(repair=True).repaired) == 1
    assert collection.catalog.doubts([1, image_id]) == {image_id: "cut short, 100 % read"}
    assert collection.catalog.doubts([1]) == {}


@pytest.mark.parametrize("change", ["size = 1", "mtime_ns = 1", "root = CAST('/elsewhere' AS BLOB)"])
def test_a_file_that_holds_its_image_is_recorded_anew(
    change: str, collection: Collection, settings: Settings, folder: Path
) -> None:
    path = folder / "02.png"
    before = collection.catalog.stamp(path)
    write_behind(catalog(settings), f"UPDATE files SET {change} WHERE path = CAST('{path}' AS BLOB)")
    assert [str(path) in line for line in collection.check().problems] == [True]
    assert [str(path) in line for line in collection.check(repair=True).repaired] == [True]
    assert collection.catalog.stamp(path) == before
    assert collection.check().problems == []
    roots = dict(collection.catalog.files())
    assert roots[path] == (path if "root" in change else folder)


def test_a_file_that_does_not_is_forgotten(collection: Collection, settings: Settings, folder: Path) -> None:
    path = os.fsencode(folder / "02.png")
    write_behind(
        catalog(settings), "UPDATE files SET path = CAST('/nowhere/02.png' AS BLOB) WHERE path = ?", path
    )
    assert ["/nowhere/02.png" in line for line in collection.check().problems] == [True]
    assert ["forgotten" in line for line in collection.check(repair=True).repaired] == [True]
    assert collection.check().problems == []
    assert collection.add([folder]).added == 1


@pytest.mark.parametrize("change", ["mark = 'other'", "number = 9999999"])
def test_a_damaged_change_is_dropped_and_searches_go_on(
    change: str, collection: Collection, settings: Settings, folder: Path
) -> None:
    before = collection.search(folder / "02.png", 3)
    newest = "number = (SELECT max(number) FROM revisions)"
    write_behind(catalog(settings), f"UPDATE revisions SET {change} WHERE {newest}")
    assert ["change" in line for line in collection.check().problems] == [True]
    assert ["dropped" in line for line in collection.check(repair=True).repaired][:1] == [True]
    assert collection.check().problems == []
    with Collection.open(settings=settings) as opened:
        assert opened.search(folder / "02.png", 3) == before
    assert collection.search(folder / "02.png", 3) == before


def test_all_is_well_without_damage(collection: Collection) -> None:
    assert (collection.check(repair=True).repaired, collection.check(repair=True).problems) == ([], [])
