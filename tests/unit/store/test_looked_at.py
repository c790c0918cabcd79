from __future__ import annotations

from contextlib import closing
from pathlib import Path

from lookalike.store import Database, LookedAt, LookedAtPairs, Recorder
from records import FINGERPRINT, path, records
from stores import Store, write_behind


def test_pairs_and_progress_are_there_after_a_restart(file: Path) -> None:
    seen = [LookedAt(1, 2, 41.25, '{"score": 41.25}'), LookedAt(3, 1, None, None)]
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2, 3]))
        pairs = LookedAtPairs(database, 1)
        assert pairs.reached(FINGERPRINT) == 0
        pairs.record(seen, FINGERPRINT, 3)
    with closing(Database(file, create=False)) as database:
        pairs = LookedAtPairs(database, 1)
        assert pairs.all() == seen
        assert pairs.reached(FINGERPRINT) == 3
        assert pairs.reached("another embedder") == 0


def test_other_rules_start_anew(store: Store) -> None:
    store.recorder.record(records([1, 2]))
    LookedAtPairs(store.database, 1).record([LookedAt(1, 2, 5.0, None)], FINGERPRINT, 2)
    newer = LookedAtPairs(store.database, 2)
    assert newer.all() == []
    assert newer.reached(FINGERPRINT) == 0
    newer.record([LookedAt(1, 2, 12.0, "{}")])
    assert newer.all() == [LookedAt(1, 2, 12.0, "{}")]
    assert newer.reached(FINGERPRINT) == 0


def test_pairs_go_with_their_images_and_none_comes_of_an_image_that_is_gone(store: Store) -> None:
    store.recorder.record(records([1, 2, 3]))
    pairs = LookedAtPairs(store.database, 1)
    pairs.record([LookedAt(1, 2, 5.0, None), LookedAt(3, 1, 6.0, None), LookedAt(2, 3, 7.0, None)])
    store.recorder.forget([path(1)])
    assert pairs.all() == [LookedAt(2, 3, 7.0, None)]
    pairs.record([LookedAt(1, 3, 9.0, None)])
    assert pairs.all() == [LookedAt(2, 3, 7.0, None)]


def test_a_damaged_pair_is_not_given_out(file: Path) -> None:
    with closing(Database(file, create=True)) as database:
        Recorder(database).record(records([1, 2, 3]))
        pairs = LookedAtPairs(database, 1)
        pairs.record([LookedAt(1, 2, 1.5, None), LookedAt(2, 3, 20.25, '{"score": 20.25}')])
        write_behind(file, "UPDATE looked_at SET score = 99.0 WHERE first = 1")
        assert pairs.all() == [LookedAt(2, 3, 20.25, '{"score": 20.25}')]
        write_behind(file, "UPDATE looked_at SET evidence = CAST(x'ff' AS TEXT) WHERE first = 2")
        assert pairs.all() == []
