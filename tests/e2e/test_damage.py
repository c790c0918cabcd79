"""Files on disk are cut and changed behind the program's back."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

import pictures
from lookalike import Collection, LookalikeError
from lookalike.cli.codes import DAMAGED
from program import Program

pytestmark = pytest.mark.usefixtures("looks_are_kept")

PICTURES = 24


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pictures and a sound collection of them."""
    folder = tmp_path_factory.mktemp("sound")
    pictures.write(folder / "pictures", PICTURES)
    with Collection.open(folder / "store", create=True) as collection:
        collection.add([folder / "pictures"])
    return folder


def cache_of(store: Path) -> Path:
    (cache,) = (store / "index").glob("*.index")
    return cache


def flipped(data: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


def damages(data: bytes, chance: random.Random) -> list[bytes]:
    """Copies of a file, each cut somewhere or with one bit flipped, the header more often than the rest."""
    cuts = [0, 1, 20, len(data) - 1, *(chance.randrange(len(data)) for _ in range(3))]
    places = [chance.randrange(200) for _ in range(5)] + [chance.randrange(len(data)) for _ in range(6)]
    return [data[:cut] for cut in cuts] + [flipped(data, place, chance.randrange(8)) for place in places]


def test_a_damaged_cache_never_changes_an_answer_and_is_rebuilt(sound: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound / "store", store)
    cache = cache_of(store)
    whole = cache.read_bytes()
    query = sound / "pictures" / "picture-0003.png"
    with Collection.open(store) as collection:
        expected = collection.search(query, 5)
    for damaged in damages(whole, random.Random(1)):
        cache.write_bytes(damaged)
        with Collection.open(store) as collection:
            assert collection.search(query, 5) == expected
        cache.write_bytes(damaged)
        with Collection.open(store) as collection:
            report = collection.check()
            assert report.problems == []
            assert report.repaired == [] or "rebuilt" in report.repaired[0]
            assert collection.search(query, 5) == expected
            assert collection.check().repaired == []
        assert cache.read_bytes() == whole


def test_verify_says_what_it_rebuilt(sound: Path, tmp_path: Path, program: Program) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound / "store", store)
    cache = cache_of(store)
    cache.write_bytes(cache.read_bytes()[:-100])
    first = program.here("verify", "--collection", store)
    assert (first.code, first.out.startswith("rebuilt: ")) == (0, True)
    assert str(cache) in first.out
    second = program.here("verify", "--collection", store)
    assert (second.code, second.out) == (0, f"{PICTURES} images checked: all is well.\n")


def test_a_cache_folder_that_is_gone_costs_nothing_but_time(sound: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound / "store", store)
    shutil.rmtree(store / "index")
    query = sound / "pictures" / "picture-0003.png"
    with Collection.open(sound / "store") as collection:
        expected = collection.search(query, 5)
    with Collection.open(store) as collection:
        assert collection.search(query, 5) == expected


def test_a_damaged_catalog_is_one_clear_line_and_never_a_wrong_vector(sound: Path, tmp_path: Path) -> None:
    chance = random.Random(2)
    catalog = sound / "store" / "catalog.sqlite"
    whole = catalog.read_bytes()
    with Collection.open(sound / "store") as collection:
        query = sound / "pictures" / "picture-0003.png"
        expected = [match.distance for match in collection.search(query, 5)]
    complaints = []
    for number in range(60):
        store = tmp_path / f"store-{number}"
        store.mkdir()
        place = chance.randrange(100) if number < 10 else chance.randrange(len(whole))
        changed = flipped(whole, place, chance.randrange(8)) if number % 3 else whole[:place]
        (store / "catalog.sqlite").write_bytes(changed)
        try:
            with Collection.open(store) as collection:
                answers = [match.distance for match in collection.search(query, 5)]
                problems = collection.check().problems
        except LookalikeError as error:
            complaints.append(str(error))
        else:
            # Whatever was hit held no vector, or the check names it.
            assert problems or answers == expected
    assert len(complaints) > 10
    assert not any("\n" in complaint for complaint in complaints)


def test_a_flipped_vector_is_found_and_named(sound: Path, tmp_path: Path, program: Program) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound / "store", store)
    shutil.rmtree(store / "index")
    with Collection.open(store) as collection:
        row = collection.bases.database.row(
            "SELECT image_id, vector FROM embeddings ORDER BY image_id LIMIT 1"
        )
    assert row is not None
    catalog = store / "catalog.sqlite"
    data = catalog.read_bytes()
    catalog.write_bytes(flipped(data, data.index(row[1]) + 777, 3))
    verify = program("verify", "--collection", store)
    assert verify.code == DAMAGED
    assert f"the vector of image {row[0]} is damaged" in verify.out
    search = program.here("search", sound / "pictures" / "picture-0003.png", "--collection", store)
    assert search.code == DAMAGED
    assert "run: lookalike verify" in search.err


def test_verify_repairs_a_flipped_vector_from_the_picture(
    sound: Path, tmp_path: Path, program: Program
) -> None:
    store = tmp_path / "store"
    shutil.copytree(sound / "store", store)
    shutil.rmtree(store / "index")
    query = sound / "pictures" / "picture-0003.png"
    with Collection.open(sound / "store") as collection:
        expected = collection.search(query, 5)
        row = collection.bases.database.row("SELECT vector FROM embeddings WHERE image_id = 4")
    assert row is not None
    data = (store / "catalog.sqlite").read_bytes()
    (store / "catalog.sqlite").write_bytes(flipped(data, data.index(row[0]) + 100, 6))
    found = program.here("verify", "--collection", store)
    assert (found.code, "verify --repair" in found.out) == (DAMAGED, True)
    mended = program.here("verify", "--collection", store, "--repair")
    assert (mended.code, mended.out) == (
        0,
        "the vector of image 4 is damaged; read again from its file\n"
        f"{PICTURES} images checked: all is well.\n",
    )
    with Collection.open(store) as collection:
        again = collection.search(query, 5)
    assert [match.image_id for match in again] == [match.image_id for match in expected]
    assert [match.distance for match in again] == pytest.approx([match.distance for match in expected])


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and then something else" * 50, b"no database"])
def test_what_is_no_catalog_is_refused(tmp_path: Path, content: bytes, program: Program) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(content)
    done = program.here("verify", "--collection", tmp_path)
    assert (done.code, done.out) == (DAMAGED, "")
    assert done.err.count("\n") == 1
