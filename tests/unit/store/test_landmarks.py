from __future__ import annotations

from contextlib import closing
from pathlib import Path

from lookalike.store import Database, LandmarksOfImages, Recorder
from records import path, records
from stores import Store, write_behind


def test_landmarks_are_there_after_a_restart(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2, 3]))
        landmarks = LandmarksOfImages(database, 1)
        landmarks.record({3: b"three", 1: b"one"})
        landmarks.record({1: b"another one"})
    with closing(Database(file, create=False)) as database:
        landmarks = LandmarksOfImages(database, 1)
        assert landmarks.all() == {1: b"another one", 3: b"three"}
        assert landmarks.ids() == [1, 3]


def test_those_of_other_rules_are_not_given_out(store: Store) -> None:
    store.recorder.record(records([1]))
    LandmarksOfImages(store.database, 1).record({1: b"one"})
    newer = LandmarksOfImages(store.database, 2)
    assert newer.all() == {}
    newer.record({1: b"new"})
    assert newer.all() == {1: b"new"}
    assert LandmarksOfImages(store.database, 1).ids() == []


def test_they_go_with_their_image_and_none_comes_of_one_that_is_gone(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    landmarks = LandmarksOfImages(store.database, 1)
    landmarks.record({1: b"one", 2: b"two"})
    store.recorder.forget([path(1)])
    landmarks.record({1: b"one"})
    assert landmarks.all() == {2: b"two"}


def test_damaged_ones_are_not_given_out(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2]))
        landmarks = LandmarksOfImages(database, 1)
        landmarks.record({1: b"one", 2: b"two"})
        write_behind(file, "UPDATE landmarks SET data = x'00' WHERE image_id = 1")
        assert landmarks.ids() == [2]
        assert landmarks.all() == {2: b"two"}


def test_those_of_some_images_are_given_out_alone(store: Store) -> None:
    store.recorder.record(records([1, 2, 3]))
    landmarks = LandmarksOfImages(store.database, 1)
    landmarks.record({1: b"one", 2: b"two", 3: b"three"})
    assert landmarks.of([3, 1, 4]) == {1: b"one", 3: b"three"}
    assert landmarks.of([]) == {}


def test_damaged_ones_and_those_of_other_rules_are_to_be_found_again(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2, 3]))
        landmarks = LandmarksOfImages(database, 1)
        LandmarksOfImages(database, 0).record({2: b"two"})
        landmarks.record({1: b"one", 3: b"three"})
        write_behind(file, "UPDATE landmarks SET data = x'00' WHERE image_id = 1")
        assert landmarks.of([1, 2, 3]) == {3: b"three"}
        assert landmarks.lost() == [1, 2]
        landmarks.record({1: b"one", 2: b"two"})
        assert landmarks.lost() == []
