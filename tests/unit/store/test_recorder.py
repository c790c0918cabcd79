from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from lookalike.store import FileRecord, FileStamp, problems_in
from records import ROOT, path, record, records, sha256, vector
from stores import Store, ids_by_path, vectors_by_id


class TestRecording:
    def test_an_image_comes_back_as_it_was(self, store: Store) -> None:
        assert store.recorder.record([record(7)]).added == 1
        (image_id,) = ids_by_path(store).values()
        found = vectors_by_id(store).get(image_id)
        assert found is not None
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, vector(7))
        assert store.catalog.paths_of(image_id) == [path(7)]
        assert store.catalog.stamp(path(7)) == FileStamp(1007, 5)
        assert store.catalog.image_of(sha256(7)) is not None
        assert list(store.catalog.files()) == [(path(7), ROOT)]
        assert store.catalog.count() == 1

    def test_what_is_unknown_is_nowhere(self, store: Store) -> None:
        assert store.catalog.stamp(path(1)) is None
        assert vectors_by_id(store).get(1) is None
        assert store.catalog.paths_of(1) == []
        assert store.catalog.image_of(sha256(1)) is None

    def test_the_same_bytes_in_two_places_are_one_image(self, store: Store) -> None:
        places = [ROOT / "b.jpg", ROOT / "a.jpg", ROOT / "c.jpg"]
        first = store.recorder.record([record(1, places[0]), record(1, places[1])])
        second = store.recorder.record([record(1, places[2], known=True)])
        assert (first.added, second.added, store.catalog.count()) == (1, 0, 1)
        (image_id,) = set(ids_by_path(store).values())
        assert store.catalog.paths_of(image_id) == sorted(places)

    def test_a_known_image_that_is_gone_is_reported_lost(self, store: Store) -> None:
        done = store.recorder.record([record(1, known=True), record(2)])
        assert (done.added, done.lost) == (1, [path(1)])
        assert store.catalog.paths() == [path(2)]

    def test_changed_content_replaces_the_image(self, store: Store) -> None:
        store.recorder.record(records([1, 2]))
        before = ids_by_path(store)
        assert store.recorder.record([record(3, path(1))]).added == 1
        after = ids_by_path(store)
        assert after[path(2)] == before[path(2)]
        assert after[path(1)] not in before.values()
        assert vectors_by_id(store).get(before[path(1)]) is None
        assert store.catalog.image_of(sha256(1)) is None

    def test_changed_content_leaves_an_image_that_lies_elsewhere_too(self, store: Store) -> None:
        store.recorder.record([record(1), record(1, ROOT / "copy.jpg")])
        store.recorder.record([record(3, path(1))])
        assert store.catalog.image_of(sha256(1)) is not None
        assert set(ids_by_path(store)) == {path(1), ROOT / "copy.jpg"}

    def test_two_files_can_exchange_their_images(self, store: Store) -> None:
        store.recorder.record(records([1, 2]))
        before = ids_by_path(store)
        done = store.recorder.record([record(1, path(2), known=True), record(2, path(1), known=True)])
        assert (done.added, done.lost) == (0, [])
        assert ids_by_path(store) == {path(1): before[path(2)], path(2): before[path(1)]}

    def test_a_path_that_is_no_text_comes_back(self, store: Store) -> None:
        odd = ROOT / os.fsdecode(b"caf\xe9\n.jpg")
        store.recorder.record([record(1, odd)])
        assert list(store.catalog.files(ROOT)) == [(odd, ROOT)]
        assert store.catalog.stamp(odd) is not None

    @pytest.mark.parametrize("mtime_ns", [-(10**19), -1, 0, 2**63 - 1, 2**63, 10**19])
    def test_any_time_can_be_stored_and_recognised(self, mtime_ns: int, store: Store) -> None:
        store.recorder.record([record(1, mtime_ns=mtime_ns)])
        assert store.catalog.stamp(path(1)) == FileStamp(1001, mtime_ns)
        assert store.catalog.stamp(path(1)) != FileStamp(1001, 12345)

    def test_ids_are_never_used_again(self, store: Store) -> None:
        seen: set[int] = set()
        for _ in range(4):
            store.recorder.record(records([1, 2, 3]))
            ids = set(ids_by_path(store).values())
            assert ids.isdisjoint(seen)
            seen |= ids
            store.recorder.forget([path(1), path(2), path(3)])

    def test_an_interrupted_record_leaves_nothing(self, store: Store) -> None:
        store.recorder.record(records([1]))
        revision = store.history.revision()

        def some() -> Iterator[FileRecord]:
            yield record(2)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.recorder.record(some())
        assert (store.catalog.count(), store.history.revision()) == (1, revision)
        assert store.catalog.stamp(path(2)) is None


class TestSmallPictures:
    def test_a_small_picture_comes_with_its_image_and_goes_with_it(self, store: Store) -> None:
        bare = record(1)
        assert bare.image is not None
        store.recorder.record([bare._replace(image=bare.image._replace(small=b"small")), record(2)])
        first, second = (store.catalog.image_of(sha256(number)) for number in (1, 2))
        assert first is not None
        assert second is not None
        assert (store.catalog.small_of(first), store.catalog.small_of(second)) == (b"small", None)
        store.recorder.forget([path(1)])
        assert store.catalog.small_of(first) is None
        assert store.database.rows("SELECT * FROM sights") == []

    def test_one_that_was_made_later_is_kept_and_is_no_change(self, store: Store) -> None:
        store.recorder.record([record(1)])
        image_id = store.catalog.image_of(sha256(1))
        assert image_id is not None
        revision = store.history.revision()
        for picture in (b"first", b"second"):
            store.recorder.keep_small(image_id, picture)
        store.recorder.keep_small(image_id + 1, b"of an image that is gone")
        assert store.catalog.small_of(image_id) == b"first"
        assert store.database.row("SELECT count(*) FROM sights") == (1,)
        assert store.history.revision() == revision


class TestForgetting:
    @pytest.mark.parametrize("forever", [False, True])
    def test_many_files_leave_in_pieces_and_others_write_in_between(
        self, forever: bool, store: Store
    ) -> None:
        """Images 0 and 1,299, the first and the last to go, lie in two files each."""
        store.recorder.record(records(range(1300)))
        store.recorder.record([record(0, ROOT / "copy"), record(1299, path(1) / "below")])
        before = store.history.revision()
        leaving = store.recorder.ban if forever else store.recorder.forget
        assert leaving(path(number) for number in (*range(1300), 5000)) == 1300 + 2 * forever
        assert store.history.revision() == before + 3
        assert store.catalog.count() == 2 * (not forever)
        assert store.recorder.record(records([7])).added == (not forever)
        assert problems_in(store.database) == []

    def test_an_image_goes_with_its_last_file(self, store: Store) -> None:
        copy = ROOT / "copy.jpg"
        store.recorder.record([record(1), record(1, copy), record(2)])
        assert store.recorder.forget([path(1), ROOT / "never-seen.jpg"]) == 1
        assert store.catalog.count() == 2
        assert store.recorder.forget([copy, copy]) == 1
        assert store.catalog.count() == 1
        assert store.catalog.image_of(sha256(1)) is None
        assert store.catalog.paths() == [path(2)]

    def test_a_forgotten_image_is_gone_with_all_its_files(self, store: Store) -> None:
        store.recorder.record([*records(range(3)), record(1, ROOT / "a.jpg")])
        image_id = store.catalog.image_of(sha256(1))
        assert image_id is not None
        revision = store.history.revision()
        assert store.recorder.forget_image(image_id) == [path(1), ROOT / "a.jpg"]
        assert store.history.revision() == revision + 1
        assert store.catalog.paths() == [path(0), path(2)]
        assert store.catalog.images([image_id]) == {}
        assert store.recorder.forget_image(image_id) == []
        assert problems_in(store.database) == []
