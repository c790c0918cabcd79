"""A collection's own calibration: when it is measured, and who reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike import Collection, Settings
from lookalike.calibration import Calibration
from lookalike.calibration.saved import NAME
from pictures import draw, write


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Fifty pictures, the fewest that are measured."""
    write(tmp_path / "many", 50)
    return tmp_path / "many"


def _file(settings: Settings) -> Path:
    return settings.collection / "index" / NAME


def test_a_small_collection_uses_what_ships(collection: Collection, folder: Path, settings: Settings) -> None:
    collection.add([folder])
    assert collection.status().calibrated_on == 0
    assert not _file(settings).exists()


def test_it_is_measured_by_add_and_again_when_the_collection_has_grown(
    collection: Collection, many: Path, settings: Settings
) -> None:
    collection.add([many])
    assert collection.status().calibrated_on == 50
    written = _file(settings).stat().st_mtime_ns
    write(many, 10, first_seed=50)
    collection.add([many])
    assert (len(collection), collection.status().calibrated_on) == (60, 50)
    assert _file(settings).stat().st_mtime_ns == written
    write(many, 20, first_seed=60)
    collection.add([many])
    assert collection.status().calibrated_on == 80


def test_a_collection_that_shrinks_below_the_fewest_is_not_said_to_be_measured(
    collection: Collection, many: Path
) -> None:
    collection.add([many])
    assert collection.status().calibrated_on == 50
    for path in sorted(many.iterdir())[:5]:
        path.unlink()
    for _ in range(2):
        collection.add([many], prune=True)
        assert (len(collection), collection.status().calibrated_on) == (45, 0)


def test_an_older_collection_is_searched_without_and_measured_at_the_next_add(
    collection: Collection, many: Path, settings: Settings
) -> None:
    collection.add([many])
    before = [match.image_id for match in collection.search(draw(3), 5)]
    _file(settings).unlink()
    assert collection.status().calibrated_on == 0
    assert [match.image_id for match in collection.search(draw(3), 5)] == before
    collection.add([many])
    assert collection.status().calibrated_on == 50


def test_it_is_not_measured_if_nothing_usable_is_at_the_paths(collection: Collection, many: Path) -> None:
    collection.add([many], save=False)
    (many.parent / "empty").mkdir()
    report = collection.add([many.parent / "empty", many.parent / "mistyped"])
    assert (len(report.rejected), collection.status().calibrated_on) == (1, 0)


def test_other_processes_read_a_new_one(collection: Collection, many: Path, settings: Settings) -> None:
    collection.add([many])
    with Collection.open(settings=settings) as beside:
        p = [match.p for match in beside.search(draw(900), 5)]
        assert p == [match.p for match in collection.search(draw(900), 5)]
        Calibration.shipped(collection.embedder.fingerprint).save(settings.collection / "index")
        shipped = [match.p for match in collection.search(draw(900), 5)]
        assert shipped != p
        assert [match.p for match in beside.search(draw(900), 5)] == shipped


def test_a_damaged_one_is_none(collection: Collection, many: Path, settings: Settings) -> None:
    collection.add([many])
    _file(settings).write_bytes(b"PK\x03\x04 nothing")
    assert collection.status().calibrated_on == 0
    assert collection.search(draw(0), 1)[0].verdict == "identical"
    collection.add([many])
    assert collection.status().calibrated_on == 50


def test_add_without_saving_does_not_measure(collection: Collection, many: Path, settings: Settings) -> None:
    collection.add([many], save=False)
    assert not _file(settings).exists()


def test_without_pictures_to_look_at_it_is_measured_by_embeddings(many: Path, settings: Settings) -> None:
    """Small pictures were never kept, and the files go before the measurement."""
    collection = Collection.open(create=True, settings=settings)
    with collection:
        collection.add([many], save=False)
        with collection.bases.database.atomic() as connection:
            connection.execute("DELETE FROM sights")
        many.rename(many.with_name("elsewhere"))
        collection.bases.keep()
        assert collection.status().calibrated_on == 50
        assert all(match.p >= 1e-5 for match in collection.search(draw(900), 5))
