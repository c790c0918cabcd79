from __future__ import annotations

from contextlib import closing
from pathlib import Path

from lookalike.store import Database, PanelsOfImages, Recorder
from records import path, records
from stores import Store, write_behind


def test_panels_are_there_after_a_restart(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2, 3]))
        panels = PanelsOfImages(database, "net", 1)
        panels.record([1, 2, 3], {3: b"three", 1: b"one"})
        panels.record([1], {1: b"another one"})
    with closing(Database(file, create=False)) as database:
        assert PanelsOfImages(database, "net", 1).all() == {1: b"another one", 3: b"three"}


def test_what_was_looked_at_again_and_has_none_loses_them(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    panels = PanelsOfImages(store.database, "net", 1)
    panels.record([1, 2], {1: b"one", 2: b"two"})
    panels.record([1], {})
    assert panels.all() == {2: b"two"}


def test_those_of_other_rules_and_embedders_are_not_given_out(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    PanelsOfImages(store.database, "net", 1).record([1], {1: b"one"})
    PanelsOfImages(store.database, "other", 2).record([2], {2: b"two"})
    newer = PanelsOfImages(store.database, "net", 2)
    assert newer.all() == {}
    assert newer.lost() == [1, 2]
    newer.record([1, 2], {1: b"new"})
    assert newer.all() == {1: b"new"}
    assert newer.lost() == []


def test_they_go_with_their_image_and_none_comes_of_one_that_is_gone(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    panels = PanelsOfImages(store.database, "net", 1)
    panels.record([1, 2], {1: b"one", 2: b"two"})
    store.recorder.forget([path(1)])
    panels.record([1], {1: b"one"})
    assert panels.all() == {2: b"two"}


def test_damaged_ones_are_not_given_out_and_are_to_be_found_again(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2]))
        panels = PanelsOfImages(database, "net", 1)
        panels.record([1, 2], {1: b"one", 2: b"two"})
        write_behind(file, "UPDATE panels SET data = x'00' WHERE image_id = 1")
        assert panels.all() == {2: b"two"}
        assert panels.lost() == [1]


def test_the_mark_changes_with_every_change(store: Store) -> None:
    store.recorder.record(records([1, 2, 3]))
    panels = PanelsOfImages(store.database, "net", 1)
    marks = [panels.mark()]
    assert marks[0].images == 0
    for change in (
        lambda: panels.record([1, 2], {1: b"one", 2: b"two"}),
        lambda: panels.record([2], {2: b"too"}),
        lambda: panels.record([3], {3: b"three"}),
        lambda: store.recorder.forget([path(1)]),
    ):
        change()
        assert panels.mark() not in marks
        assert panels.mark() == panels.mark()
        marks.append(panels.mark())
    assert marks[-1].images == 2
    assert PanelsOfImages(store.database, "other", 1).mark() != marks[-1]
