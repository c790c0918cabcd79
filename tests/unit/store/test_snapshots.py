from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import DamagedError
from lookalike.index import LSHIndex
from lookalike.store import Catalog, Database, FollowingIndex
from records import DIM, FINGERPRINT, path, record, records, vector


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(file: Path) -> Iterator[Catalog]:
    with closing(Database(file, create=True)) as database:
        yield Catalog(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where caches lie; not yet there."""
    return tmp_path / "index"


def _following(catalog: Catalog, folder: Path) -> FollowingIndex:
    """What a process that just started would use."""
    return FollowingIndex(catalog, folder, FINGERPRINT, DIM)


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _cache(folder: Path) -> Path:
    (cache,) = folder.iterdir()
    return cache


def _holds(index: LSHIndex, catalog: Catalog, numbers: Iterable[int]) -> None:
    """The index must hold exactly these images' vectors, under the catalog's ids."""
    wanted = sorted(numbers)
    assert len(index) == len(wanted)
    for number in wanted:
        found = index.search(vector(number), 1, exact=True)
        assert found.distances[0, 0] < 1e-6
        assert catalog.paths_of(int(found.ids[0, 0])) == [path(number)]


class TestFollowing:
    def test_an_empty_catalog_gives_an_empty_index(self, catalog: Catalog, folder: Path) -> None:
        index = _following(catalog, folder).current()
        assert (len(index), index.dim) == (0, DIM)

    def test_it_follows_what_another_connection_does(
        self, file: Path, catalog: Catalog, folder: Path
    ) -> None:
        following = _following(catalog, folder)
        with closing(Database(file, create=False)) as other:
            writer = Catalog(other)
            writer.record(records(range(10)))
            _holds(following.current(), catalog, range(10))
            writer.record(records(range(10, 14)))
            writer.forget([path(3), path(11)])
            _holds(following.current(), catalog, set(range(14)) - {3, 11})
            writer.record([record(50, path(3)), record(3, path(50))])
            assert len(following.current()) == 14
            writer.forget([path(number) for number in range(60)])
            assert len(following.current()) == 0
            writer.record(records([3]))
            _holds(following.current(), catalog, [3])

    def test_nothing_new_is_the_same_index(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(3)))
        following = _following(catalog, folder)
        assert following.current() is following.current()

    def test_only_what_changed_is_read(self, file: Path, catalog: Catalog, folder: Path) -> None:
        """Else it would meet the damage in the vectors that it has read already."""
        catalog.record(records(range(10)))
        following = _following(catalog, folder)
        following.current()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        catalog.record(records([10]))
        catalog.forget([path(4)])
        _holds(following.current(), catalog, set(range(11)) - {4})

    def test_an_image_that_came_and_went_unseen_is_no_trouble(self, catalog: Catalog, folder: Path) -> None:
        following = _following(catalog, folder)
        catalog.record(records([1]))
        following.current()
        catalog.record(records([2]))
        catalog.forget([path(2)])
        _holds(following.current(), catalog, [1])

    def test_threads_that_search_while_images_come_and_go(
        self, file: Path, catalog: Catalog, folder: Path
    ) -> None:
        """Image 0 stays; every search on every thread must find it, whatever else changes."""
        catalog.record(records(range(100)))
        following = _following(catalog, folder)

        def search(_: int) -> float:
            return float(following.current().search(vector(0), 1).distances[0, 0])

        with closing(Database(file, create=False)) as other, ThreadPoolExecutor(4) as pool:
            writer = Catalog(other)
            answers = pool.map(search, range(400))
            for number in range(100, 160):
                writer.record(records([number]))
                writer.forget([path(number - 60)])
            assert max(answers) < 1e-6
        _holds(following.current(), catalog, {*range(40), *range(100, 160)})


class TestCaches:
    def test_one_is_written_for_the_revision_and_older_ones_go(self, catalog: Catalog, folder: Path) -> None:
        following = _following(catalog, folder)
        assert following.state() == "none"
        catalog.record(records(range(5)))
        following.save()
        assert following.state() == "up to date"
        first = _names(folder)
        assert len(first) == 1
        assert f"-{catalog.revision()}-" in first[0]
        assert FINGERPRINT[:16] in first[0]
        catalog.record(records([5]))
        assert following.state() == "behind"
        following.save()
        assert len(_names(folder)) == 1
        assert _names(folder) != first

    def test_saving_again_writes_nothing(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(5)))
        following = _following(catalog, folder)
        following.save()
        before = _cache(folder).stat()
        following.save()
        _following(catalog, folder).save()
        after = _cache(folder).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_a_start_from_a_cache_is_a_start_from_the_catalog(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(20)))
        _following(catalog, folder).save()
        catalog.record(records(range(20, 25)))
        catalog.forget([path(4), path(22)])
        _holds(_following(catalog, folder).current(), catalog, set(range(25)) - {4, 22})

    def test_the_cache_is_what_is_read(self, file: Path, catalog: Catalog, folder: Path) -> None:
        """Otherwise the tests of damaged caches would mean nothing: here it hides damage in the catalog."""
        catalog.record(records(range(5)))
        _following(catalog, folder).save()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        assert len(_following(catalog, folder).current()) == 5
        shutil.rmtree(folder)
        with pytest.raises(DamagedError, match="is damaged; run: lookalike verify"):
            _following(catalog, folder).current()

    def test_a_long_catch_up_is_kept_for_the_next_start(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(1001)))
        _following(catalog, folder).current()
        assert len(_names(folder)) == 1

    def test_a_short_one_is_not(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(50)))
        _following(catalog, folder).current()
        assert _names(folder) == []

    def test_without_their_folder_nothing_is_lost(self, catalog: Catalog, folder: Path) -> None:
        catalog.record(records(range(5)))
        following = _following(catalog, folder)
        following.save()
        shutil.rmtree(folder)
        _holds(following.current(), catalog, range(5))
        _holds(_following(catalog, folder).current(), catalog, range(5))
        catalog.record(records([5]))
        following.save()
        assert len(_names(folder)) == 1

    def test_a_file_in_their_place_is_no_trouble(self, catalog: Catalog, folder: Path) -> None:
        """Like a folder that may not be written to, or a full disk: the answers are right all the same."""
        folder.write_text("in the way")
        catalog.record(records(range(1001)))
        following = _following(catalog, folder)
        assert len(following.current()) == 1001
        following.save()
        assert following.check() == []
        assert following.state() == "none"
        assert folder.read_text() == "in the way"

    def test_other_files_in_the_folder_are_left_alone(self, catalog: Catalog, folder: Path) -> None:
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        (folder / "subfolder").mkdir()
        catalog.record(records(range(5)))
        following = _following(catalog, folder)
        following.save()
        following.check()
        assert len(_names(folder)) == 3


class TestDoubt:
    @pytest.fixture
    def cached(self, catalog: Catalog, folder: Path) -> Catalog:
        catalog.record(records(range(30)))
        _following(catalog, folder).save()
        return catalog

    @pytest.mark.parametrize("seed", range(8))
    def test_a_flipped_byte_is_found_or_harmless(self, seed: int, cached: Catalog, folder: Path) -> None:
        cache = _cache(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for _ in range(15):
            place = chance.randrange(len(whole))
            cache.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
            _holds(_following(cached, folder).current(), cached, range(30))

    @pytest.mark.parametrize("seed", range(4))
    def test_a_truncated_cache_is_rebuilt(self, seed: int, cached: Catalog, folder: Path) -> None:
        cache = _cache(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for kept in (0, *(chance.randrange(len(whole)) for _ in range(10))):
            cache.write_bytes(whole[:kept])
            _holds(_following(cached, folder).current(), cached, range(30))

    def test_check_says_what_it_rebuilt(self, cached: Catalog, folder: Path) -> None:
        assert _following(cached, folder).check() == []
        cache = _cache(folder)
        cache.write_bytes(cache.read_bytes()[:-100])
        (folder / f"{cache.name}.123.partial").write_bytes(b"half")
        found = _following(cached, folder).check()
        assert [line.partition(" ")[0] for line in found] == ["rebuilt:", "deleted"]
        assert str(cache) in found[0]
        assert _names(folder) == [cache.name]
        assert _following(cached, folder).check() == []
        _holds(_following(cached, folder).current(), cached, range(30))

    @pytest.mark.parametrize("kept", [0, 1, 28])
    def test_a_sound_cache_with_missing_rows_is_rebuilt(
        self, kept: int, cached: Catalog, folder: Path
    ) -> None:
        changes = cached.changes(0, 0, DIM, FINGERPRINT)
        lying = LSHIndex(DIM)
        lying.add(changes.added[:kept], changes.vectors[:kept])
        lying.add([10_000], [vector(77)])
        lying.save(_cache(folder))
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_even_where_it_cannot_be_deleted(self, cached: Catalog, folder: Path) -> None:
        """A folder of the cache's name cannot be unlinked, and is no index file either."""
        cache = _cache(folder)
        cache.unlink()
        cache.mkdir()
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_a_cache_of_other_dimensions_is_not_used(self, cached: Catalog, folder: Path) -> None:
        other = LSHIndex(DIM + 1)
        other.add(range(1, 31), np.ones((30, DIM + 1)))
        other.save(_cache(folder))
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_one_from_the_future_is_ignored(self, file: Path, cached: Catalog, folder: Path) -> None:
        """After a backup of the catalog was put back, a cache can be newer than the catalog."""
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = file.read_bytes()
        cached.record(records(range(30, 40)))
        cached.forget([path(number) for number in range(10)])  # as many images as before
        _following(cached, folder).save()
        (file.parent / "restored").mkdir()
        restored = file.parent / "restored" / "catalog.sqlite"
        restored.write_bytes(backup)
        with closing(Database(restored, create=False)) as database:
            earlier = Catalog(database)
            assert earlier.revision() < cached.revision()
            _holds(_following(earlier, folder).current(), earlier, range(30))
            # And also when the same number of revisions has brought other images under the same ids.
            earlier.record(records(range(50, 60)))
            earlier.forget([path(number) for number in range(10)])
            assert earlier.revision() == cached.revision()
            _holds(_following(earlier, folder).current(), earlier, {*range(10, 30), *range(50, 60)})
            following = _following(earlier, folder)
            following.save()
            assert following.state() == "up to date"
            assert len(_names(folder)) == 1

    def test_one_of_another_catalog_is_not_used(self, tmp_path: Path, cached: Catalog, folder: Path) -> None:
        """A damaged catalog was deleted and the pictures indexed anew, in another order."""
        with closing(Database(tmp_path / "anew" / "catalog.sqlite", create=True)) as database:
            anew = Catalog(database)
            anew.record(records(reversed(range(30))))
            assert anew.revision() == cached.revision()
            following = _following(anew, folder)
            _holds(following.current(), anew, range(30))
            following.save()
            assert len(_names(folder)) == 1

    def test_one_of_another_embedder_is_not_used(self, cached: Catalog, folder: Path) -> None:
        other = FollowingIndex(cached, folder, "f" * 32, DIM)
        assert other.state() == "none"
        assert len(other.current()) == 30
        other.save()
        assert other.state() == "up to date"

    def test_a_catalog_that_lacks_a_vector_is_damaged(
        self, file: Path, catalog: Catalog, folder: Path
    ) -> None:
        catalog.record(records(range(5)))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM embeddings WHERE image_id = 3")
        following = _following(catalog, folder)
        for _ in range(2):
            with pytest.raises(DamagedError, match="5 images, but 4 vectors; run: lookalike verify"):
                following.current()

    def test_a_cache_does_not_hide_damage_that_comes_later(
        self, file: Path, cached: Catalog, folder: Path
    ) -> None:
        following = _following(cached, folder)
        following.current()
        cached.record(records([30, 31]))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM embeddings WHERE image_id = 31")
        for _ in range(2):
            with pytest.raises(DamagedError, match="32 images, but 31 vectors"):
                following.current()
