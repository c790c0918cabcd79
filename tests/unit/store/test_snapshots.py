from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import DamagedError
from lookalike.index import LSHIndex, files
from lookalike.index.files import Stamp
from lookalike.store import Database, FollowingIndex, checked
from lookalike.store.checked import checked_before, note_checked, note_of
from records import DIM, FINGERPRINT, path, record, records, vector
from stores import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where caches lie; not yet there."""
    return tmp_path / "index"


def _following(store: Store, folder: Path) -> FollowingIndex:
    """What a process that just started would use."""
    return FollowingIndex(store.history, folder, FINGERPRINT, DIM)


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _cache(folder: Path) -> Path:
    (cache,) = folder.iterdir()
    return cache


def _holds(index: LSHIndex, store: Store, numbers: Iterable[int]) -> None:
    """The index must hold exactly these images' vectors, under the catalog's ids."""
    wanted = sorted(numbers)
    assert len(index) == len(wanted)
    for number in wanted:
        found = index.search(vector(number), 1, exact=True)
        assert found.distances[0, 0] < 1e-6
        assert store.catalog.paths_of(int(found.ids[0, 0])) == [path(number)]


class TestFollowing:
    def test_an_empty_catalog_gives_an_empty_index(self, store: Store, folder: Path) -> None:
        index = _following(store, folder).current()
        assert (len(index), index.dim) == (0, DIM)

    def test_it_follows_what_another_connection_does(self, file: Path, store: Store, folder: Path) -> None:
        following = _following(store, folder)
        with closing(Database(file, create=False)) as other:
            writer = Store(other)
            writer.recorder.record(records(range(10)))
            _holds(following.current(), store, range(10))
            writer.recorder.record(records(range(10, 14)))
            writer.recorder.forget([path(3), path(11)])
            _holds(following.current(), store, set(range(14)) - {3, 11})
            writer.recorder.record([record(50, path(3)), record(3, path(50))])
            assert len(following.current()) == 14
            writer.recorder.forget([path(number) for number in range(60)])
            assert len(following.current()) == 0
            writer.recorder.record(records([3]))
            _holds(following.current(), store, [3])

    def test_nothing_new_is_the_same_index(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(3)))
        following = _following(store, folder)
        assert following.current() is following.current()

    def test_only_what_changed_is_read(self, file: Path, store: Store, folder: Path) -> None:
        """Else it would meet the damage in the vectors that it has read already."""
        store.recorder.record(records(range(10)))
        following = _following(store, folder)
        following.current()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        store.recorder.record(records([10]))
        store.recorder.forget([path(4)])
        _holds(following.current(), store, set(range(11)) - {4})

    def test_an_image_that_came_and_went_unseen_is_no_trouble(self, store: Store, folder: Path) -> None:
        following = _following(store, folder)
        store.recorder.record(records([1]))
        following.current()
        store.recorder.record(records([2]))
        store.recorder.forget([path(2)])
        _holds(following.current(), store, [1])

    def test_threads_that_search_while_images_come_and_go(
        self, file: Path, store: Store, folder: Path
    ) -> None:
        """Image 0 stays; every search on every thread must find it, whatever else changes."""
        store.recorder.record(records(range(100)))
        following = _following(store, folder)

        def search(_: int) -> float:
            return float(following.current().search(vector(0), 1).distances[0, 0])

        with closing(Database(file, create=False)) as other, ThreadPoolExecutor(4) as pool:
            writer = Store(other)
            answers = pool.map(search, range(400))
            for number in range(100, 160):
                writer.recorder.record(records([number]))
                writer.recorder.forget([path(number - 60)])
            assert max(answers) < 1e-6
        _holds(following.current(), store, {*range(40), *range(100, 160)})


class TestCaches:
    def test_one_is_written_for_the_revision_and_older_ones_go(self, store: Store, folder: Path) -> None:
        following = _following(store, folder)
        assert following.state() == "none"
        store.recorder.record(records(range(5)))
        following.save()
        assert following.state() == "up to date"
        first = _names(folder)
        assert len(first) == 1
        assert f"-{store.history.revision()}-" in first[0]
        assert FINGERPRINT[:16] in first[0]
        store.recorder.record(records([5]))
        assert following.state() == "behind"
        following.save()
        assert len(_names(folder)) == 1
        assert _names(folder) != first

    def test_saving_again_writes_nothing(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(5)))
        following = _following(store, folder)
        following.save()
        before = _cache(folder).stat()
        following.save()
        _following(store, folder).save()
        after = _cache(folder).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_a_start_from_a_cache_is_a_start_from_the_catalog(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(20)))
        _following(store, folder).save()
        store.recorder.record(records(range(20, 25)))
        store.recorder.forget([path(4), path(22)])
        _holds(_following(store, folder).current(), store, set(range(25)) - {4, 22})

    def test_the_cache_is_what_is_read(self, file: Path, store: Store, folder: Path) -> None:
        """Otherwise the tests of damaged caches would mean nothing: here it hides damage in the catalog."""
        store.recorder.record(records(range(5)))
        _following(store, folder).save()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        assert len(_following(store, folder).current()) == 5
        shutil.rmtree(folder)
        with pytest.raises(DamagedError, match="is damaged; run: lookalike verify"):
            _following(store, folder).current()

    def test_a_long_catch_up_is_kept_for_the_next_start(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(1001)))
        _following(store, folder).current()
        assert len(_names(folder)) == 1

    def test_a_short_one_is_not(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(50)))
        _following(store, folder).current()
        assert _names(folder) == []

    def test_without_their_folder_nothing_is_lost(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(5)))
        following = _following(store, folder)
        following.save()
        shutil.rmtree(folder)
        _holds(following.current(), store, range(5))
        _holds(_following(store, folder).current(), store, range(5))
        store.recorder.record(records([5]))
        following.save()
        assert len(_names(folder)) == 1

    def test_a_file_in_their_place_is_no_trouble(self, store: Store, folder: Path) -> None:
        """Like a folder that may not be written to, or a full disk: the answers are right all the same."""
        folder.write_text("in the way")
        store.recorder.record(records(range(1001)))
        following = _following(store, folder)
        assert len(following.current()) == 1001
        following.save()
        assert following.check() == []
        assert following.state() == "none"
        assert folder.read_text() == "in the way"

    def test_other_files_in_the_folder_are_left_alone(self, store: Store, folder: Path) -> None:
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        (folder / "subfolder").mkdir()
        store.recorder.record(records(range(5)))
        following = _following(store, folder)
        following.save()
        following.check()
        assert len(_names(folder)) == 3


class TestDoubt:
    @pytest.fixture
    def cached(self, store: Store, folder: Path) -> Store:
        store.recorder.record(records(range(30)))
        _following(store, folder).save()
        return store

    @pytest.mark.parametrize("seed", range(8))
    def test_a_flipped_byte_is_found_or_harmless(self, seed: int, cached: Store, folder: Path) -> None:
        cache = _cache(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for _ in range(15):
            place = chance.randrange(len(whole))
            cache.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
            _holds(_following(cached, folder).current(), cached, range(30))

    @pytest.mark.parametrize("seed", range(4))
    def test_a_truncated_cache_is_rebuilt(self, seed: int, cached: Store, folder: Path) -> None:
        cache = _cache(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for kept in (0, *(chance.randrange(len(whole)) for _ in range(10))):
            cache.write_bytes(whole[:kept])
            _holds(_following(cached, folder).current(), cached, range(30))

    def test_check_says_what_it_rebuilt(self, cached: Store, folder: Path) -> None:
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

    def test_a_damaged_cache_is_never_up_to_date(self, cached: Store, folder: Path) -> None:
        cache = _cache(folder)
        whole = cache.read_bytes()
        following = _following(cached, folder)
        assert following.state() == "up to date"
        for place in random.Random(5).sample(range(len(whole) - 20 * DIM * 4, len(whole)), 20):
            cache.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert following.state() == "damaged"
            assert _following(cached, folder).state() == "damaged"
            aside = cache.with_name("aside")
            aside.write_bytes(whole)
            aside.replace(cache)
            assert following.state() == "up to date"

    @pytest.mark.parametrize("mapped", [False, True])
    def test_a_cache_that_is_cut_short_while_it_is_open_is_rebuilt(
        self, mapped: bool, cached: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if mapped:
            monkeypatch.setattr(files, "LARGEST_READ", 0)
        following = _following(cached, folder)
        _holds(following.current(), cached, range(30))
        for size in (3000, 0):
            os.truncate(_cache(folder), size)
            _holds(following.current(), cached, range(30))
            following.save()
            assert following.state() == "up to date"

    @pytest.mark.parametrize("mapped", [False, True])
    def test_a_cache_that_changes_while_it_is_open_changes_no_answer(
        self, mapped: bool, cached: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if mapped:
            monkeypatch.setattr(files, "LARGEST_READ", 0)
        for place in random.Random(6).sample(range(2000), 10):
            _following(cached, folder).save()
            following = _following(cached, folder)
            following.current()
            with _cache(folder).open("r+b") as file:
                file.seek(-1 - place, os.SEEK_END)
                byte = file.read(1)[0]
                file.seek(-1 - place, os.SEEK_END)
                file.write(bytes([byte ^ 0x40]))
            _holds(following.current(), cached, range(30))

    @pytest.mark.parametrize("kept", [0, 1, 28])
    def test_a_sound_cache_with_missing_rows_is_rebuilt(self, kept: int, cached: Store, folder: Path) -> None:
        changes = cached.history.changes(0, 0, DIM, FINGERPRINT)
        lying = LSHIndex(DIM)
        lying.add(changes.added[:kept], changes.vectors[:kept])
        lying.add([10_000], [vector(77)])
        lying.save(_cache(folder))
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_even_where_it_cannot_be_deleted(self, cached: Store, folder: Path) -> None:
        """A folder of the cache's name cannot be unlinked, and is no index file either."""
        cache = _cache(folder)
        cache.unlink()
        cache.mkdir()
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_a_cache_of_other_dimensions_is_not_used(self, cached: Store, folder: Path) -> None:
        other = LSHIndex(DIM + 1)
        other.add(range(1, 31), np.ones((30, DIM + 1)))
        other.save(_cache(folder))
        _holds(_following(cached, folder).current(), cached, range(30))

    def test_one_from_the_future_is_ignored(self, file: Path, cached: Store, folder: Path) -> None:
        """After a backup of the catalog was put back, a cache can be newer than the catalog."""
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = file.read_bytes()
        cached.recorder.record(records(range(30, 40)))
        cached.recorder.forget([path(number) for number in range(10)])  # as many images as before
        _following(cached, folder).save()
        (file.parent / "restored").mkdir()
        restored = file.parent / "restored" / "catalog.sqlite"
        restored.write_bytes(backup)
        with closing(Database(restored, create=False)) as database:
            earlier = Store(database)
            assert earlier.history.revision() < cached.history.revision()
            _holds(_following(earlier, folder).current(), earlier, range(30))
            # And also when the same number of revisions has brought other images under the same ids.
            earlier.recorder.record(records(range(50, 60)))
            earlier.recorder.forget([path(number) for number in range(10)])
            assert earlier.history.revision() == cached.history.revision()
            _holds(_following(earlier, folder).current(), earlier, {*range(10, 30), *range(50, 60)})
            following = _following(earlier, folder)
            following.save()
            assert following.state() == "up to date"
            assert len(_names(folder)) == 1

    def test_one_of_another_catalog_is_not_used(self, tmp_path: Path, cached: Store, folder: Path) -> None:
        """A damaged catalog was deleted and the pictures indexed anew, in another order."""
        with closing(Database(tmp_path / "anew" / "catalog.sqlite", create=True)) as database:
            anew = Store(database)
            anew.recorder.record(records(reversed(range(30))))
            assert anew.history.revision() == cached.history.revision()
            following = _following(anew, folder)
            _holds(following.current(), anew, range(30))
            following.save()
            assert len(_names(folder)) == 1

    def test_one_of_another_embedder_is_not_used(self, cached: Store, folder: Path) -> None:
        other = FollowingIndex(cached.history, folder, "f" * 32, DIM)
        assert other.state() == "none"
        assert len(other.current()) == 30
        other.save()
        assert other.state() == "up to date"

    def test_a_catalog_that_lacks_a_vector_is_damaged(self, file: Path, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(5)))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM embeddings WHERE image_id = 3")
        following = _following(store, folder)
        for _ in range(2):
            with pytest.raises(DamagedError, match="5 images, but 4 vectors; run: lookalike verify"):
                following.current()

    def test_a_cache_does_not_hide_damage_that_comes_later(
        self, file: Path, cached: Store, folder: Path
    ) -> None:
        following = _following(cached, folder)
        following.current()
        cached.recorder.record(records([30, 31]))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM embeddings WHERE image_id = 31")
        for _ in range(2):
            with pytest.raises(DamagedError, match="32 images, but 31 vectors"):
                following.current()


class TestOnce:
    """Processes that end after one answer do not check again what was checked before."""

    @pytest.fixture(autouse=True)
    def cache(self, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A cache of 30 images, which counts as old enough to be noted."""
        monkeypatch.setattr(checked, "_OLD_ENOUGH", -1)
        store.recorder.record(records(range(30)))
        _following(store, folder).save()
        return _cache(folder)

    @staticmethod
    def _once(store: Store, folder: Path) -> FollowingIndex:
        return FollowingIndex(store.history, folder, FINGERPRINT, DIM, once=True)

    @staticmethod
    def _flip(cache: Path, place: int) -> None:
        content = bytearray(cache.read_bytes())
        content[place] ^= 0x40
        cache.write_bytes(content)

    @staticmethod
    def _vectors(cache: Path) -> int:
        """Where in the file the vectors begin: they come last in an index without tables."""
        return cache.stat().st_size - 30 * DIM * 4

    def test_the_first_notes_that_a_cache_is_sound_and_others_do_not(
        self, store: Store, folder: Path, cache: Path
    ) -> None:
        _following(store, folder).current()
        assert checked_before(cache) is None
        _holds(self._once(store, folder).current(), store, range(30))
        assert checked_before(cache) == Stamp.of(cache.stat())
        _holds(self._once(store, folder).current(), store, range(30))

    def test_the_next_does_not_read_its_vectors_and_others_do(
        self, store: Store, folder: Path, cache: Path
    ) -> None:
        """Here the disk has flipped a bit after the check, without telling the system."""
        self._flip(cache, self._vectors(cache) + 2)
        note_checked(cache, Stamp.of(cache.stat()))
        index = self._once(store, folder).current()
        assert sum(bool((index.search(vector(i), 1).distances > 1e-6).any()) for i in range(30)) == 1
        assert self._once(store, folder).state() == "damaged"
        assert "does not match its checksum" in self._once(store, folder).check()[0]
        assert checked_before(cache) is None
        _holds(self._once(store, folder).current(), store, range(30))

    def test_all_but_vectors_is_always_checked(self, store: Store, folder: Path, cache: Path) -> None:
        self._flip(cache, self._vectors(cache) - 64)  # in the ids
        note_checked(cache, Stamp.of(cache.stat()))
        _holds(self._once(store, folder).current(), store, range(30))

    @pytest.mark.parametrize("seed", range(4))
    def test_a_cache_that_is_written_to_is_checked_again(
        self, seed: int, store: Store, folder: Path, cache: Path
    ) -> None:
        self._once(store, folder).current()
        before = cache.stat()
        self._flip(cache, random.Random(seed).randrange(self._vectors(cache), before.st_size))
        os.utime(cache, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert cache.stat().st_ino == before.st_ino
        _holds(self._once(store, folder).current(), store, range(30))

    def test_a_note_goes_with_its_cache(self, store: Store, folder: Path, cache: Path) -> None:
        self._once(store, folder).current()
        store.recorder.record(records([30]))
        _following(store, folder).save()
        assert not note_of(cache).exists()
        assert _cache(folder) != cache
