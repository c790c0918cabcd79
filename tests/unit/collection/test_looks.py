"""Second looks at a real collection's images, with and without small pictures, with and without files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike import Collection, Hasher, Settings
from lookalike.alterations import ALTERATIONS
from lookalike.collection.looks import Looks
from lookalike.collection.queries import query_of_image
from lookalike.errors import Busy
from lookalike.images.decoders import Decoders
from lookalike.sight import decode_small
from lookalike.store import Catalog, Database, Recorder
from pictures import draw


@contextmanager
def _looks(settings: Settings) -> Iterator[tuple[Looks, Catalog]]:
    database = Database(settings.collection / "catalog.sqlite", create=False)
    catalog = Catalog(database)
    try:
        yield Looks(catalog, Recorder(database), settings.limits), catalog
    finally:
        database.close()


def _indexed(folder: Path, settings: Settings) -> list[int]:
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([folder])
        return [image_id for image_id, _ in collection.images()]


def test_an_image_is_a_copy_of_itself_and_of_no_other(folder: Path, settings: Settings) -> None:
    ids = _indexed(folder, settings)
    with _looks(settings) as (looks, _):
        for first in ids:
            for second in ids:
                evidence = looks.between(first, second)
                assert evidence is not None
                assert evidence.verified == (first == second)


@pytest.mark.parametrize("seed", [25, 34])
def test_what_changed_in_part_is_judged_by_the_files_as_compare_does(
    seed: int, tmp_path: Path, settings: Settings
) -> None:
    """These two are copies by their small pictures, which are JPEG of 10 KB, and none by their files."""
    folder = tmp_path / "two"
    folder.mkdir()
    picture = draw(seed, 480, 360)
    paths = folder / "plain.png", folder / "with stickers.png"
    picture.save(paths[0])
    ALTERATIONS["stickers"].apply(picture).save(paths[1])
    first, second = _indexed(folder, settings)
    with _looks(settings) as (looks, _):
        for pair in ((first, second), (second, first)):
            evidence = looks.between(*pair)
            assert evidence is not None
            assert evidence.uncut_copy
            evidence = looks.closely_between(*pair)
            assert evidence is not None
            assert not evidence.verified
        compared = Hasher().compare(*paths).evidence
        assert compared is not None
        assert not compared.verified
        with Collection.open(settings=settings) as collection:
            for path in paths:
                answer = {match.path.name: match.evidence for match in collection.search(path, 2)}
                found = answer[paths[1].name if path == paths[0] else paths[0].name]
                assert found is not None
                assert not found.verified
    for path in paths:
        path.unlink()
    with _looks(settings) as (looks, _):
        evidence = looks.closely_between(first, second)
        assert evidence is not None
        assert evidence.verified  # nothing better is there to be looked at


def test_small_pictures_serve_when_the_files_are_gone(folder: Path, settings: Settings) -> None:
    ids = _indexed(folder, settings)
    for path in folder.iterdir():
        path.unlink()
    with _looks(settings) as (looks, catalog):
        for image_id in ids:
            data = catalog.small_of(image_id)
            assert data is not None
            assert len(data) <= 10 * 1024
            assert max(decode_small(data).size) <= 256
            evidence = looks.between(image_id, image_id)
            assert evidence is not None
            assert evidence.verified


def test_without_them_the_files_are_looked_at_and_small_pictures_kept(
    folder: Path, settings: Settings
) -> None:
    first, second, *_ = _indexed(folder, replace(settings, sights=False))
    with _looks(settings) as (looks, catalog):
        assert catalog.small_of(first) is None
        evidence = looks.between(first, first)
        assert evidence is not None
        assert evidence.verified
        assert catalog.small_of(first) is not None
        for path in folder.iterdir():
            path.unlink()
        assert looks.sight_of(second) is None
        assert looks.between(first, second) is None
        assert looks.between(second, first) is None


def test_a_damaged_small_picture_is_passed_over(folder: Path, settings: Settings) -> None:
    first, *_ = _indexed(folder, settings)
    database = Database(settings.collection / "catalog.sqlite", create=False)
    with database.atomic() as connection:
        connection.execute("UPDATE sights SET picture = x'ffd8ff'")
    database.close()
    with _looks(settings) as (looks, _):
        evidence = looks.between(first, first)
        assert evidence is not None
        assert evidence.verified


@pytest.mark.parametrize("image_id", [0, 10**6])
def test_an_image_that_is_not_there_is_nothing_to_look_at(
    image_id: int, folder: Path, settings: Settings
) -> None:
    _indexed(folder, settings)
    with _looks(settings) as (looks, _):
        assert looks.sight_of(image_id) is None


def test_what_is_kept_in_memory_goes_by_content(folder: Path, settings: Settings) -> None:
    first, second, *_ = _indexed(folder, settings)
    with _looks(settings) as (looks, _):
        before, other = looks.sight_of(first), looks.sight_of(second)
        assert before is not None
        assert other is not None
        assert looks.sight_of(first) is before
        database = Database(settings.collection / "catalog.sqlite", create=False)
        with database.atomic() as connection:
            connection.execute(
                "UPDATE sights SET (picture, checksum) = "
                "(SELECT picture, checksum FROM sights WHERE image_id = ?) WHERE image_id = ?",
                (second, first),
            )
        database.close()
        after = looks.sight_of(first)
        assert after is not None
        assert (after.grey == other.grey).all()
        assert after.grey.shape != before.grey.shape or (after.grey != before.grey).any()


def test_files_are_decoded_by_the_pool_that_was_put_there(folder: Path, settings: Settings) -> None:
    first, *_ = _indexed(folder, replace(settings, sights=False))
    with _looks(settings) as (looks, catalog):
        with Decoders(1) as decoders:
            looks.decode = decoders.decode
            whole = query_of_image(catalog.image(first), looks, settings.limits).whole
            assert whole is not None
            assert whole().size == (catalog.image(first).width, catalog.image(first).height)
        with pytest.raises(Busy):  # the pool has ended
            whole()
        second = catalog.image(first + 1).image_id
        with pytest.raises(Busy):
            looks.sight_of(second)
