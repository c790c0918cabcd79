from __future__ import annotations

import os
import random
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from caches import cache_in, expect_rows, follow
from lookalike.errors import DamagedError
from lookalike.index import LSHIndex, files
from lookalike.store import Database, FollowingIndex
from records import DIM, FINGERPRINT, path, record, records, vector
from stores import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where caches lie; not yet there."""
    return tmp_path / "index"


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


class TestFollowing:
    def test_an_empty_catalog_gives_an_empty_index(self, store: Store, folder: Path) -> None:
        index = follow(store, folder).current()
        assert (len(index), index.dim) == (0, DIM)

    def test_it_follows_what_another_connection_does(self, file: Path, store: Store, folder: Path) -> None:
        following = follow(store, folder)
        with closing(Database(file, create=False)) as other:
            writer = Store(other)
            writer.recorder.record(records(range(10)))
            expect_rows(following.current(), store, range(10))
            writer.recorder.record(records(range(10, 14)))
            writer.recorder.forget([path(3), path(11)])
            expect_rows(following.current(), store, set(range(14)) - {3, 11})
            writer.recorder.record([record(50, path(3)), record(3, path(50))])
            assert len(following.current()) == 14
            writer.recorder.forget([path(number) for number in range(60)])
            assert len(following.current()) == 0
            writer.recorder.record(records([3]))
            expect_rows(following.current(), store, [3])

    def test_nothing_new_is_the_same_index(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(3)))
        following = follow(store, folder)
        assert following.current() is following.current()

    def test_only_what_changed_is_read(self, file: Path, store: Store, folder: Path) -> None:
        """Else it would meet the damage in the vectors that it has read already."""
        store.recorder.record(records(range(10)))
        following = follow(store, folder)
        following.current()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        store.recorder.record(records([10]))
        store.recorder.forget([path(4)])
        expect_rows(following.current(), store, set(range(11)) - {4})

    def test_an_image_that_came_and_went_unseen_is_no_trouble(self, store: Store, folder: Path) -> None:
        following = follow(store, folder)
        store.recorder.record(records([1]))
        following.current()
        store.recorder.record(records([2]))
        store.recorder.forget([path(2)])
        expect_rows(following.current(), store, [1])

    def test_threads_that_search_while_images_come_and_go(
        self, file: Path, store: Store, folder: Path
    ) -> None:
        """Image 0 stays; every search on every thread must find it, whatever else changes."""
        store.recorder.record(records(range(100)))
        following = follow(store, folder)

        def search(_: int) -> float:
            return float(following.current().search(vector(0), 1).distances[0, 0])

        with closing(Database(file, create=False)) as other, ThreadPoolExecutor(4) as pool:
            writer = Store(other)
            answers = pool.map(search, range(400))
            for number in range(100, 160):
                writer.recorder.record(records([number]))
                writer.recorder.forget([path(number - 60)])
            assert max(answers) < 1e-6
        expect_rows(following.current(), store, {*range(40), *range(100, 160)})


class TestCaches:
    def test_one_is_written_for_the_revision_and_older_ones_go(self, store: Store, folder: Path) -> None:
        following = follow(store, folder)
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
        following = follow(store, folder)
        following.save()
        before = cache_in(folder).stat()
        following.save()
        follow(store, folder).save()
        after = cache_in(folder).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_a_start_from_a_cache_is_a_start_from_the_catalog(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(20)))
        follow(store, folder).save()
        store.recorder.record(records(range(20, 25)))
        store.recorder.forget([path(4), path(22)])
        expect_rows(follow(store, folder).current(), store, set(range(25)) - {4, 22})

    def test_the_cache_is_what_is_read(self, file: Path, store: Store, folder: Path) -> None:
        """Otherwise the tests of damaged caches would mean nothing: here it hides damage in the catalog."""
        store.recorder.record(records(range(5)))
        follow(store, folder).save()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE embeddings SET checksum = checksum + 1")
        assert len(follow(store, folder).current()) == 5
        shutil.rmtree(folder)
        with pytest.raises(DamagedError, match="is damaged; run: lookalike verify"):
            follow(store, folder).current()

    def test_a_long_catch_up_is_kept_for_the_next_start(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(1001)))
        follow(store, folder).current()
        assert len(_names(folder)) == 1

    def test_a_short_one_is_not(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(50)))
        follow(store, folder).current()
        assert _names(folder) == []

    def test_without_their_folder_nothing_is_lost(self, store: Store, folder: Path) -> None:
        store.recorder.record(records(range(5)))
        following = follow(store, folder)
        following.save()
        shutil.rmtree(folder)
        expect_rows(following.current(), store, range(5))
        expect_rows(follow(store, folder).current(), store, range(5))
        store.recorder.record(records([5]))
        following.save()
        assert len(_names(folder)) == 1

    def test_a_file_in_their_place_is_no_trouble(self, store: Store, folder: Path) -> None:
        """Like a folder that may not be written to, or a full disk: the answers are right all the same."""
        folder.write_text("in the way")
        store.recorder.record(records(range(1001)))
        following = follow(store, folder)
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
        following = follow(store, folder)
        following.save()
        following.check()
        assert len(_names(folder)) == 3


class TestDoubt:
    @pytest.fixture
    def cached(self, store: Store, folder: Path) -> Store:
        store.recorder.record(records(range(30)))
        follow(store, folder).save()
        return store

    @pytest.mark.parametrize("seed", range(8))
    def test_a_flipped_byte_is_found_or_harmless(self, seed: int, cached: Store, folder: Path) -> None:
        cache = cache_in(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for _ in range(15):
            place = chance.randrange(len(whole))
            cache.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
            expect_rows(follow(cached, folder).current(), cached, range(30))

    @pytest.mark.parametrize("seed", range(4))
    def test_a_truncated_cache_is_rebuilt(self, seed: int, cached: Store, folder: Path) -> None:
        cache = cache_in(folder)
        whole = cache.read_bytes()
        chance = random.Random(seed)
        for kept in (0, *(chance.randrange(len(whole)) for _ in range(10))):
            cache.write_bytes(whole[:kept])
            expect_rows(follow(cached, folder).current(), cached, range(30))

    def test_check_says_what_it_rebuilt(self, cached: Store, folder: Path) -> None:
        assert follow(cached, folder).check() == []
        cache = cache_in(folder)
        cache.write_bytes(cache.read_bytes()[:-100])
        (folder / f"{cache.name}.123.partial").write_bytes(b"half")
        found = follow(cached, folder).check()
        assert [line.partition(" ")[0] for line in found] == ["rebuilt:", "deleted"]
        assert str(cache) in found[0]
        assert _names(folder) == [cache.name]
        assert follow(cached, folder).check() == []
        expect_rows(follow(cached, folder).current(), cached, range(30))

    def test_a_damaged_cache_is_never_up_to_date(self, cached: Store, folder: Path) -> None:
        cache = cache_in(folder)
        whole = cache.read_bytes()
        following = follow(cached, folder)
        assert following.state() == "up to date"
        for place in random.Random(5).sample(range(len(whole) - 20 * DIM * 4, len(whole)), 20):
            cache.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert following.state() == "damaged"
            assert follow(cached, folder).state() == "damaged"
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
        following = follow(cached, folder)
        expect_rows(following.current(), cached, range(30))
        for size in (3000, 0):
            os.truncate(cache_in(folder), size)
            expect_rows(following.current(), cached, range(30))
            following.save()
            assert following.state() == "up to date"

    @pytest.mark.parametrize("mapped", [False, True])
    def test_a_cache_that_changes_while_it_is_open_changes_no_answer(
        self, mapped: bool, cached: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if mapped:
            monkeypatch.setattr(files, "LARGEST_READ", 0)
        for place in random.Random(6).sample(range(2000), 10):
            follow(cached, folder).save()
            following = follow(cached, folder)
            following.current()
            with cache_in(folder).open("r+b") as file:
                file.seek(-1 - place, os.SEEK_END)
                byte = file.read(1)[0]
                file.seek(-1 - place, os.SEEK_END)
                file.write(bytes([byte ^ 0x40]))
            expect_rows(following.current(), cached, range(30))

    @pytest.mark.parametrize("kept", [0, 1, 28])
    def test_a_sound_cache_with_missing_rows_is_rebuilt(self, kept: int, cached: Store, folder: Path) -> None:
        changes = cached.history.changes(0, 0, DIM, FINGERPRINT)
        lying = LSHIndex(DIM)
        lying.add(changes.added[:kept], changes.vectors[:kept])
        lying.add([10_000], [vector(77)])
        lying.save(cache_in(folder))
        expect_rows(follow(cached, folder).current(), cached, range(30))

    def test_even_where_it_cannot_be_deleted(self, cached: Store, folder: Path) -> None:
        """A folder of the cache's name cannot be unlinked, and is no index file either."""
        cache = cache_in(folder)
        cache.unlink()
        cache.mkdir()
        expect_rows(follow(cached, folder).current(), cached, range(30))

    def test_a_cache_of_other_dimensions_is_not_used(self, cached: Store, folder: Path) -> None:
        other = LSHIndex(DIM + 1)
        other.add(range(1, 31), np.ones((30, DIM + 1)))
        other.save(cache_in(folder))
        expect_rows(follow(cached, folder).current(), cached, range(30))

    def test_one_from_the_future_is_ignored(self, file: Path, cached: Store, folder: Path) -> None:
        """After a backup of the catalog was put back, a cache can be newer than the catalog."""
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = file.read_bytes()
        cached.recorder.record(records(range(30, 40)))
        cached.recorder.forget([path(number) for number in range(10)])  # as many images as before
        follow(cached, folder).save()
        (file.parent / "restored").mkdir()
        restored = file.parent / "restored" / "catalog.sqlite"
        restored.write_bytes(backup)
        with closing(Database(restored, create=False)) as database:
            earlier = Store(database)
            assert earlier.history.revision() < cached.history.revision()
            expect_rows(follow(earlier, folder).current(), earlier, range(30))
            # And also when the same number of revisions has brought other images under the same ids.
            earlier.recorder.record(records(range(50, 60)))
            earlier.recorder.forget([path(number) for number in range(10)])
            assert earlier.history.revision() == cached.history.revision()
            expect_rows(follow(earlier, folder).current(), earlier, {*range(10, 30), *range(50, 60)})
            following = follow(earlier, folder)
            following.save()
            assert following.state() == "up to date"
            assert len(_names(folder)) == 1

    def test_one_of_another_catalog_is_not_used(self, tmp_path: Path, cached: Store, folder: Path) -> None:
        """A damaged catalog was deleted and the pictures indexed anew, in another order."""
        with closing(Database(tmp_path / "anew" / "catalog.sqlite", create=True)) as database:
            anew = Store(database)
            anew.recorder.record(records(reversed(range(30))))
            assert anew.history.revision() == cached.history.revision()
            following = follow(anew, folder)
            expect_rows(following.current(), anew, range(30))
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
        following = follow(store, folder)
        for _ in range(2):
            with pytest.raises(DamagedError, match="5 images, but 4 vectors; run: lookalike verify"):
                following.current()

    def test_a_cache_does_not_hide_damage_that_comes_later(
        self, file: Path, cached: Store, folder: Path
    ) -> None:
        following = follow(cached, folder)
        following.current()
        cached.recorder.record(records([30, 31]))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM embeddings WHERE image_id = 31")
        for _ in range(2):
            with pytest.raises(DamagedError, match="32 images, but 31 vectors"):
                following.current()
