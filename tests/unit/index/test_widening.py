"""Answers that say how complete they are, and searches that go on where that is too little."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index import ExactIndex, LSHIndex, estimate, tuning
from oracle import Oracle

ROWS, DIM = 8000, 64
Vectors = NDArray[np.float32]


def drawn(count: int, seed: int) -> Vectors:
    """In 200 groups, and in some directions more spread out than in others."""
    spread = np.geomspace(1, 0.1, DIM)
    groups = np.random.default_rng(7).standard_normal((200, DIM))
    random = np.random.default_rng(seed)
    rows = groups[random.integers(200, size=count)] + 0.5 * random.standard_normal((count, DIM))
    return (rows * spread).astype(np.float32)


LIKE = drawn(60, 2)
ANYTHING = estimate.Wish(0.0, 0.0)  # is good enough
OTHER = np.random.default_rng(3).standard_normal((60, DIM)).astype(np.float32)


@pytest.fixture(scope="module")
def index() -> LSHIndex:
    """Nobody may change it."""
    made = LSHIndex(DIM, cells=90)
    made.add(range(ROWS), drawn(ROWS, 1))
    made.settle()
    return made


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    made = Oracle("cosine")
    made.add(range(ROWS), drawn(ROWS, 1))
    return made


def shares(found: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(true, found, strict=True)]))


def test_queries_of_another_kind_get_less_say_so_and_are_searched_for_again(
    index: LSHIndex, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    like, other = oracle.search(LIKE, 10)[0], oracle.search(OTHER, 10)[0]
    widened = index.search(OTHER, 10)
    monkeypatch.setattr(estimate.Wish, "of", lambda *_: ANYTHING)
    first, ordinary = index.search(OTHER, 10), index.search(LIKE, 10)
    assert first.recall.dtype == np.float32
    assert shares(first.ids, other) < shares(ordinary.ids, like) - 0.1
    assert first.recall.mean() < ordinary.recall.mean() - 0.1
    assert shares(widened.ids, other) > shares(first.ids, other) + 0.1
    assert widened.recall.mean() > first.recall.mean() + 0.1
    assert widened.work.distances > first.work.distances


def with_knot(size: int, noise: float) -> tuple[LSHIndex, Oracle, Vectors]:
    """Rows with a knot of near copies of one among them, and 150 queries inside the knot."""
    random = np.random.default_rng(5)
    centre = drawn(1, 9)[0]
    near = random.standard_normal((size + 150, DIM)) * (noise * np.linalg.norm(centre) / np.sqrt(DIM))
    knot = (centre + near).astype(np.float32)
    index, oracle = LSHIndex(DIM, cells=90), Oracle("cosine")
    for of in (index, oracle):
        of.add(range(ROWS + size), np.concatenate([drawn(ROWS, 1), knot[:size]]))
    index.settle()
    return index, oracle, knot[size:]


@pytest.mark.parametrize(("size", "noise"), [(100, 0.2), (500, 0.05), (500, 0.1), (500, 0.2), (3000, 0.1)])
def test_queries_inside_a_knot_of_near_copies_get_what_they_ask_for(size: int, noise: float) -> None:
    """Their scores are near 0, where a difference of one is much of the way to the border."""
    index, oracle, asked = with_knot(size, noise)
    true = oracle.search(asked, 10)[0]
    for recall in (0.9, 0.95, 0.99):
        found = index.search(asked, 10, recall=recall)
        assert shares(found.ids, true) > recall - 0.01
        assert size > 1000 or (found.recall < 1).mean() > 0.9  # few are scanned for


def test_a_knot_is_no_reason_to_search_longer_for_all_others(index: LSHIndex) -> None:
    knotted, all_rows, _ = with_knot(800, 0.2)
    like = drawn(400, 2)
    true = all_rows.search(like, 10)[0]
    for recall in (0.9, 0.95):
        before, now = (of.search(like, 10, recall=recall) for of in (index, knotted))
        assert shares(now.ids, true) > recall - 0.01
        least, most = (tuning.cost_of(found.work, DIM) for found in (before, now))
        assert most < 1.5 * least


def test_an_answer_that_is_never_good_enough_ends_in_a_scan(
    index: LSHIndex, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate.Wish, "of", lambda *_: estimate.Wish(1.1, 1 - 1e-9))
    found = index.search(LIKE, 10)
    np.testing.assert_array_equal(found.ids, oracle.search(LIKE, 10)[0])
    assert (found.recall == 1).all()
    tables_first = found.work.distances - 60 * ROWS
    assert 60 * 10 < tables_first < 60 * ROWS


def test_who_is_searched_for_again_has_to_find_more_than_at_first(index: LSHIndex) -> None:
    wish = estimate.Wish.of(0.9)
    estimates = index.search(OTHER, 10, recall=0.9).recall
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimate.Wish, "of", lambda *_: ANYTHING)
        once = index.search(OTHER, 10, recall=0.9).recall
    again = once < wish.enough
    assert again.sum() > 5
    assert (estimates[again] >= wish.enough).all()
    assert not again.all()
    np.testing.assert_array_equal(estimates[~again], once[~again])


def test_a_higher_wish_is_content_with_no_less() -> None:
    wishes = [estimate.Wish.of(wish) for wish in (0.01, 0.5, 0.9, 0.99, 0.9999)]
    for less, more in pairwise(wishes):
        assert all(one < other for one, other in zip(less, more, strict=True))
    enough, aim = estimate.Wish.of(0.8)  # the root of 4 to 1 is 2 to 1
    assert (enough, aim) == pytest.approx((2 / 3, 6 / 7))


@pytest.mark.parametrize("queries", [LIKE, OTHER], ids=["like", "other"])
def test_a_higher_wish_finds_no_less(index: LSHIndex, oracle: Oracle, queries: Vectors) -> None:
    true = oracle.search(queries, 10)[0]
    got = [shares(index.search(queries, 10, recall=wish).ids, true) for wish in (0.6, 0.8, 0.9, 0.95, 0.99)]
    assert all(more >= less - 0.005 for less, more in pairwise(got))


@pytest.mark.parametrize("queries", [LIKE, OTHER], ids=["like", "other"])
def test_one_query_per_call_is_answered_and_judged_as_in_a_batch(index: LSHIndex, queries: Vectors) -> None:
    for wish in (0.8, 0.95):
        batch = index.search(queries, 10, recall=wish)
        lone = [index.search(query, 10, recall=wish) for query in queries]
        np.testing.assert_array_equal(np.concatenate([found.ids for found in lone]), batch.ids)
        judged = np.concatenate([found.recall for found in lone])
        np.testing.assert_allclose(judged, batch.recall, atol=1e-4)


def test_what_is_exact_says_so_and_what_is_unknown_is_no_number(index: LSHIndex) -> None:
    exact = ExactIndex(DIM)
    exact.add(range(ROWS), drawn(ROWS, 1))
    for found in (
        exact.search(LIKE, 3),
        exact.search(LIKE[0], 3),
        index.search(LIKE, 3, recall=1),
        index.search(LIKE, 3, exact=True),
        index.search(LIKE, 101),
        index.search(LIKE, 3, among=range(90)),
    ):
        assert found.recall.shape == found.ids.shape[:1]
        assert (found.recall == 1).all()
    assert np.isnan(index.search(LIKE, 3, probes=9).recall).all()
    assert np.isnan(index.search(LIKE[0], 3, probes=9).recall).all()
    assert np.isnan(index.search(LIKE, 3, metric="euclidean").recall).all()


def test_several_tables_know_nothing_and_search_once() -> None:
    index = LSHIndex(DIM, tables=2, bits=6)
    index.add(range(ROWS), drawn(ROWS, 1))
    index.settle()
    found = index.search(OTHER, 10, recall=0.8)
    assert found.work.probes > 0
    assert np.isnan(found.recall).all()


def test_a_query_far_outside_is_scanned_for() -> None:
    """It would find few of its neighbours, and its gaps would not say so."""
    index, exact = LSHIndex(DIM, metric="euclidean", cells=90), Oracle("euclidean")
    for of in (index, exact):
        of.add(range(ROWS), drawn(ROWS, 1))
    index.settle()
    far = 100 * LIKE
    found = index.search(far, 10)
    np.testing.assert_array_equal(found.ids, exact.search(far, 10)[0])
    assert 60 * ROWS < found.work.distances < 60 * ROWS * 5 / 4  # once by the tables
    assert (found.recall == 1).all()
    assert (index.search(far[0], 10).ids == found.ids[0]).all()
    assert index.search(LIKE, 10).work.distances < 60 * ROWS / 4


def test_a_pickled_index_judges_alike_and_has_nothing_compiled_anew(index: LSHIndex) -> None:
    """The kernels are compiled for read-only arrays, and pickle brings back such that can be written to."""
    again = pickle.loads(pickle.dumps(index))
    assert not again._state.judge.weights.flags.writeable
    np.testing.assert_array_equal(again.search(OTHER, 10).recall, index.search(OTHER, 10).recall)
