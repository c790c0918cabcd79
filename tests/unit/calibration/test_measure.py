"""Measuring a collection: strangers keep the rate, copies among them change nothing, decisions count."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from lookalike.calibration import Calibration, measure, stale
from lookalike.calibration.background import FEWEST
from lookalike.calibration.scoring import VERIFIED
from lookalike.kernels.arrays import Vectors, unit_rows

PRINT = "f" * 32
COPIES = 20


def strangers(count: int, seed: int) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 12)).astype(np.float32))


def seen_as_strangers(first: int, second: int) -> tuple[float, bool]:
    assert first != second
    return float((first * 7 + second * 7) % 5) / 3, False


def with_copies(seed: int) -> Vectors:
    """50 pictures and 20 edited copies of each, by turns: row and row + 50 show the same picture."""
    originals = np.tile(strangers(50, seed), (COPIES, 1))
    noise = 0.1 * np.random.default_rng(seed).standard_normal(originals.shape)
    return unit_rows((originals + noise).astype(np.float32))


def copies_verified(first: int, second: int) -> tuple[float, bool]:
    same = first % 50 == second % 50
    return (25.0 if same else 0.5), same


@pytest.mark.parametrize("rate", [1e-2, 1e-3, 1e-4])
def test_held_out_strangers_pass_at_the_rate_asked_for(rate: float) -> None:
    known, queries = strangers(2000, 0), strangers(1000, 1)
    calibration = measure(np.arange(2000), known, seen_as_strangers, PRINT)
    query_levels, levels = calibration.levels(queries), calibration.levels(known)
    passed = 0
    for query, level in zip(queries, query_levels, strict=True):
        similarities = known @ query
        looks: list[float | None] = [None] * 2000
        for place in np.argsort(levels / 2 - similarities)[:10]:
            looks[place] = float(place % 5) / 3
        scores = calibration.scores(similarities, float(level), levels, looks)
        passed += int((calibration.chances(scores, looks) <= rate).sum())
    assert rate / 3 < passed / (2000 * 1000) < rate * 3


def test_the_order_of_two_pictures_does_not_matter() -> None:
    known = strangers(300, 2)
    calibration = measure(np.arange(300), known, seen_as_strangers, PRINT)
    levels = calibration.levels(known)
    one = calibration.scores(known[:1] @ known[1], float(levels[0]), levels[1:2], [3.0])
    other = calibration.scores(known[1:2] @ known[0], float(levels[1]), levels[:1], [3.0])
    assert one == pytest.approx(other)


def test_two_pictures_are_looked_at_once_though_each_is_a_query() -> None:
    looked_at: list[frozenset[int]] = []

    def look(first: int, second: int) -> tuple[float, bool]:
        looked_at.append(frozenset({first, second}))
        return seen_as_strangers(first, second)

    measure(np.arange(100), strangers(100, 8), look, PRINT)
    assert len(looked_at) == len(set(looked_at)) > 200


def test_copies_in_the_collection_are_no_strangers() -> None:
    alone = measure(np.arange(1000), strangers(1000, 3), lambda *_: (0.5, False), PRINT)
    among = measure(np.arange(50 * COPIES), with_copies(3), copies_verified, PRINT)
    assert alone.own is not None
    assert among.own is not None
    scores = np.array([12.0, 15.0])
    assert (among.own.shares_of(scores) < 1e-5).all()
    taken_for_strangers = measure(np.arange(50 * COPIES), with_copies(3), lambda *_: (0.5, False), PRINT)
    assert taken_for_strangers.own is not None
    bulk = np.array([1.0, 3.0])
    assert (taken_for_strangers.own.shares_of(bulk) > 3 * among.own.shares_of(bulk)).all()


def test_pairs_that_a_person_calls_no_copies_are_strangers() -> None:
    rows, ids = with_copies(4), np.arange(50 * COPIES) + 1000
    pairs = {(second, first) for first, second in combinations(ids.tolist(), 2) if first % 50 == second % 50}
    trusting = measure(ids, rows, copies_verified, PRINT)
    told = measure(ids, rows, copies_verified, PRINT, not_copies=pairs)
    score = trusting.scores(np.array([0.9], np.float32), 0.6, np.array([0.6], np.float32), [25.0])
    assert trusting.chances(score, [25.0])[0] < 1e-6
    assert told.chances(score, [25.0])[0] > 1e-3


def test_pictures_that_are_gone_are_strangers_without_a_second_look() -> None:
    known = strangers(200, 5)
    gone = measure(np.arange(200), known, lambda *_: None, PRINT)
    unseen = measure(np.arange(200), known, lambda *_: (0.0, False), PRINT)
    scores = np.linspace(-10, 10, 20)
    assert gone.chances(scores, [None] * 20).tolist() == unseen.chances(scores, [None] * 20).tolist()


def test_few_pictures_are_not_measured() -> None:
    def never(first: int, second: int) -> tuple[float, bool]:
        raise AssertionError

    count = FEWEST - 1
    measured = measure(np.arange(count), strangers(count, 6), never, PRINT)
    assert (measured.images, measured.own) == (0, None)
    assert measured.levels(strangers(2, 7)).tolist() == [0, 0]


def test_measuring_looks_at_a_few_hundred_pairs_however_many_there_are() -> None:
    looked = []

    def counting(first: int, second: int) -> tuple[float, bool]:
        looked.append((first, second))
        return 0.0, False

    measure(np.arange(3000) * 3, strangers(3000, 7), counting, PRINT)
    assert 100 < len(looked) <= 450
    assert {number % 3 for pair in looked for number in pair} == {0}


def test_a_collection_is_measured_again_once_it_has_grown_or_shrunk_by_half() -> None:
    measured = measure(np.arange(300), strangers(300, 8), seen_as_strangers, PRINT)
    assert [stale(measured, images) for images in (300, 440, 460, 210, 190)] == [
        False,
        False,
        True,
        False,
        True,
    ]
    shipped = Calibration.shipped(PRINT)
    assert [stale(shipped, images) for images in (0, FEWEST - 1, FEWEST)] == [False, False, True]
    assert stale(measured, FEWEST - 1)


def test_the_border_is_that_of_the_second_look() -> None:
    from lookalike.sight import VERIFIED_SCORE

    assert VERIFIED == VERIFIED_SCORE
