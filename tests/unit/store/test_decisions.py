from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.store import Database, Decisions, problems_in
from records import path, record, records, sha256
from stores import Store, ids_by_path, write_behind


def test_a_decision_is_about_bytes_and_is_given_out_by_id(store: Store) -> None:
    store.recorder.record(records([1, 2, 3]))
    ids = ids_by_path(store)
    first, second, third = (ids[path(number)] for number in (1, 2, 3))
    decisions = Decisions(store.database)
    assert decisions.take("not a match", [(sha256(2), sha256(1)), (sha256(1), sha256(2))]) == 1
    assert decisions.take("keep all", [(sha256(3), sha256(3)), (sha256(1), sha256(3))]) == 2
    assert decisions.pairs("not a match") == {(first, second)}
    assert decisions.pairs("keep all") == {(third, third), (first, third)}
    assert decisions.count() == 3


def test_it_survives_that_its_images_go_and_come_again_elsewhere(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    decisions = Decisions(store.database)
    decisions.take("not a match", [(sha256(1), sha256(2))])
    store.recorder.forget([path(1)])
    assert decisions.pairs("not a match") == set()
    store.recorder.record([record(1, Path("/elsewhere/one.jpg"))])
    ids = ids_by_path(store)
    one, two = ids[Path("/elsewhere/one.jpg")], ids[path(2)]
    assert one > two  # it came again as another image
    assert decisions.pairs("not a match") == {(two, one)}


def test_a_later_decision_takes_the_place_of_an_earlier_one(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    decisions = Decisions(store.database)
    decisions.take("not a match", [(sha256(1), sha256(2))])
    decisions.take("keep all", [(sha256(2), sha256(1))])
    assert decisions.pairs("not a match") == set()
    assert len(decisions.pairs("keep all")) == 1


def test_all_are_forgotten_for_good(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        decisions = Decisions(database)
        decisions.take("keep all", [(sha256(1), sha256(2))])
        assert decisions.forget() == 1
    with closing(Database(file, create=False)) as database:
        assert Decisions(database).count() == 0


def test_there_are_two_decisions(store: Store) -> None:
    with pytest.raises(UsageError, match="'not a match' or 'keep all', not 'maybe'"):
        Decisions(store.database).take("maybe", [(sha256(1), sha256(2))])  # type: ignore[arg-type]


def test_a_damaged_decision_does_not_count_and_is_told(store: Store, file: Path) -> None:
    store.recorder.record(records([1, 2]))
    decisions = Decisions(store.database)
    decisions.take("not a match", [(sha256(1), sha256(2))])
    assert problems_in(store.database) == []
    write_behind(file, "UPDATE decisions SET decision = 'keep all'")
    assert decisions.pairs("not a match") == decisions.pairs("keep all") == set()
    (problem,) = problems_in(store.database)
    assert problem.startswith("of the decisions about duplicates 1 are damaged; forget them")
