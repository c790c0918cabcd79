"""Everything within a radius: all that the oracle finds there, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import Kind, Pair, check_close, fill, filled_once
from lookalike.errors import UsageError
from lookalike.index.base import Work
from looped import looped
from oracle import distances

DIM = 9

MakePair = Callable[[int], Pair]
Crowds = tuple[Pair, NDArray[np.float32], float]

_kept: dict[tuple[str, str], Crowds] = {}  # by kind of index and metric


def random_vectors(count: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


QUERIES = random_vectors(6, seed=1)


@pytest.fixture
def filled(kind: Kind, metric: str) -> Pair:
    """For tests that only ask."""
    return filled_once(Pair, kind, metric, DIM)


@pytest.fixture
def strict(kind: Kind) -> Pair:
    """The same, for what does not depend on the metric."""
    return filled_once(Pair, kind, "euclidean", DIM)


def radius_between(both: Pair, place: int) -> float:
    """A radius in the middle of the gap after one of the distances from the first query."""
    apart = np.unique(both.oracle.search(QUERIES[:1], len(both.oracle))[1])
    place = min(place, len(apart) - 2)
    return float(apart[place] + apart[place + 1]) / 2


@looped("place", [0, 4, 30, 70])
def test_answers_are_the_oracles(filled: Pair, place: int) -> None:
    counts = filled.check_within(QUERIES, radius_between(filled, place))
    assert counts[0] >= min(place, 4) + 1
    assert len(set(counts)) > 1 or place == 0


@looped("place", [0, 3, 20, 79])
def test_a_distance_that_was_answered_is_within_itself(filled: Pair, place: int) -> None:
    for way in filled.kind.exact_ranges:
        near = filled.index.search(QUERIES[0], 80, **way)
        radius = float(near.distances[0, place])
        found = filled.index.within(QUERIES[0], radius, **way)
        count = int((near.distances[0] <= radius).sum())
        assert count > place
        assert found.ids.tolist() == near.ids[0, :count].tolist()
        assert found.distances.tolist() == near.distances[0, :count].tolist()


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "minkowski", "hamming"])
def test_the_border_belongs_to_it(kind: Kind, metric: str) -> None:
    both = Pair(kind, metric, 2)
    both.add([5, 6, 7, 8, 9], [[3, 4], [-5, 0], [1, 1], [-3, -4], [30, 40]])
    both.settle()
    for radius in (1, 2, 5, 7, 50, 70):
        both.check_within([[0, 0], [3, 4]], radius)
        both.check_within([[0, 0], [3, 4]], np.nextafter(np.float32(radius), np.float32(0)))


def three_crowds(both: Pair) -> Crowds:
    """150 rows about one place, 100 about another, 4 about a third, none about the last; and a radius."""
    places = np.array(
        [[1] * DIM, [-1] * DIM, [1, -1] * 4 + [1], [-1, -1, 1, 1, -1, -1, 1, 1, -1]], np.float32
    )
    which = np.random.default_rng(3).permutation(np.repeat([0, 1, 2], [150, 100, 4]))
    rows = places[which] + random_vectors(len(which), seed=4) / 100
    both.add(range(200), rows[:200])
    both.settle()
    both.add(range(200, len(which)), rows[200:])
    apart = distances(both.oracle.metric, places[:3], rows)
    return both, places, 0.01 + max(float(apart[place][which == place].max()) for place in range(3))


def test_many_answers_few_and_none_in_one_call(pair: MakePair) -> None:
    both, places, radius = three_crowds(pair(DIM))
    order = [3, 0, 2, 1, 0, 3]
    assert both.check_within(places[order], radius) == [0, 150, 4, 100, 150, 0]
    both.remove([id_ for id_ in both.oracle.ids() if id_ % 2])
    some, none = both.check_within(places[[0, 3]], radius)
    assert 0 < some < 150
    assert none == 0


@pytest.fixture
def crowds(kind: Kind, metric: str, pair: MakePair) -> Crowds:
    """The three crowds, for tests that only ask: to tune so many rows takes a twentieth of a second."""
    if (kind.name, metric) not in _kept:
        _kept[kind.name, metric] = three_crowds(pair(DIM))
    return _kept[kind.name, metric]


def check_true(both: Pair, places: NDArray[np.float32], radius: float, recall: float | None) -> None:
    """Whatever is found must be an answer of the oracle, once, in order, and it must be much of it."""
    found = both.index.within(places, radius, recall=recall)
    expected = both.oracle.within(places, radius)
    assert (found.starts[0], found.starts[-1]) == (0, len(found.ids))
    for place, (ids, measured) in enumerate(expected):
        run = slice(found.starts[place], found.starts[place + 1])
        known = dict(zip(ids.tolist(), measured.tolist(), strict=True))
        near = found.ids[run].tolist()
        check_close(found.distances[run], np.array([known[id_] for id_ in near], np.float32))
        pairs = list(zip(found.distances[run].tolist(), near, strict=True))
        assert pairs == sorted(set(pairs))
    assert len(found.ids) >= 0.3 * sum(len(ids) for ids, _ in expected)


def test_incomplete_answers_are_true(crowds: Crowds) -> None:
    for recall in (None, 0.3, 0.99):
        check_true(*crowds, recall)


def test_radius_0_finds_equal_rows(pair: MakePair) -> None:
    both = pair(DIM)
    vectors = random_vectors(120) * 3
    both.add(range(120), vectors)
    both.add(range(500, 560), vectors[:60])
    both.settle()
    both.add(range(300, 330), vectors[:30])
    counts = both.check_within(vectors, 0)
    assert all(count >= 3 for count in counts[:30])
    if both.oracle.metric != "hamming":
        assert counts == [3] * 30 + [2] * 30 + [1] * 60


@looped("dim", [1, 3, 64, 128])
def test_equal_rows_of_any_length_are_at_distance_0(kind: Kind, dim: int) -> None:
    """Scaling to length 1 rounds; a row and a query that are equal must be rounded alike."""
    both = Pair(kind, "cosine", dim)
    vectors = random_vectors(240, dim=dim) * 7
    both.add(range(200), vectors[:200])
    both.settle()
    both.add(range(200, 240), vectors[200:])
    both.check_within(vectors, 0)


@looped("radius", [float("inf"), 1e15])
def test_a_radius_without_end_finds_all(filled: Pair, radius: float) -> None:
    assert filled.check_within(QUERIES, radius) == [80] * 6


@looped("radius", [np.float32(np.inf), 1e38, 1e39, 1e100, 1e300, 10**12])
def test_a_radius_may_be_any_large_number(kind: Kind, radius: float) -> None:
    for metric in ("euclidean", "manhattan"):
        assert filled_once(Pair, kind, metric, DIM).check_within(QUERIES, radius) == [80] * 6


def test_ties_go_to_the_smaller_id(pair: MakePair) -> None:
    both = pair(DIM)
    three = random_vectors(3)
    ids = np.random.default_rng(6).permutation(1000)[:240]
    both.add(ids[:200].tolist(), three[np.arange(200) % 3])
    both.settle()
    both.add(ids[200:].tolist(), three[np.arange(40) % 3])
    both.check_within(three, 0)
    both.check_within(three, float("inf"))


def test_one_query_is_a_batch_of_one(strict: Pair) -> None:
    alone, batch = strict.index.within(QUERIES[0], 4.0), strict.index.within(QUERIES[:1], 4.0)
    assert alone.starts.tolist() == batch.starts.tolist() == [0, len(alone.ids)]
    assert alone.ids.tolist() == batch.ids.tolist()
    assert len(alone.ids) > 0


def test_no_queries_and_no_rows(pair: MakePair) -> None:
    both = pair(DIM)
    assert both.check_within(QUERIES, 1.0) == [0] * 6
    both.settle()
    assert both.check_within(QUERIES, float("inf")) == [0] * 6
    assert both.check_within(np.empty((0, DIM)), 1.0) == []
    fill(both)
    assert both.check_within(np.empty((0, DIM)), 1.0) == []
    assert both.index.within(np.empty((0, DIM)), 1.0).work == Work()


@looped("step", [1, 2, 90])
def test_among_some_of_the_ids(filled: Pair, step: int) -> None:
    among = [*filled.oracle.ids()[::step], 77_777, 4]
    for radius in (radius_between(filled, 20), float("inf")):
        filled.check_within(QUERIES, radius, among=among)
    assert filled.check_within(QUERIES, float("inf"), among=[77_777]) == [0] * 6
    assert filled.check_within(QUERIES, float("inf"), among=[]) == [0] * 6


def test_many_answers_among_some_of_the_ids(crowds: Crowds) -> None:
    both, places, radius = crowds
    counts = both.check_within(places, radius, among=range(5, 250))
    assert counts[0] > 100 >= counts[1]


def test_what_came_or_went_counts_at_once(kind: Kind) -> None:
    strict = fill(Pair(kind, "euclidean", DIM))
    for round_ in range(3):
        strict.add([80_000], QUERIES[:1])
        assert strict.check_within(QUERIES[:1], 0) == [1]
        strict.remove([80_000])
        assert strict.check_within(QUERIES[:1], 0) == [0]
        strict.check_within(QUERIES, 3.5)
        if round_ == 1:
            strict.settle()


def test_a_scan_counts_what_it_compares(strict: Pair) -> None:
    for way in strict.kind.exact_ranges:
        assert strict.index.within(QUERIES, 0.5, **way).work == Work(distances=6 * 80)
        assert strict.index.within(QUERIES, 0.5, among=strict.oracle.ids()[:7], **way).work.distances == 6 * 7


@looped("radius", [-1, -1e-9, float("-inf"), float("nan"), np.float32("nan"), "1", None, [1.0]])
def test_a_bad_radius_is_refused(strict: Pair, radius: Any) -> None:
    with pytest.raises(UsageError, match="radius must be"):
        strict.index.within(QUERIES, radius)


BAD_QUESTIONS: dict[str, dict[str, Any]] = {
    "recall=0": {"recall": 0},
    "recall=1.5": {"recall": 1.5},
    "recall='1'": {"recall": "1"},
    "NaN": {"queries": [np.nan] * DIM},
    "a short query": {"queries": [1.0] * (DIM - 1)},
    "a cube": {"queries": np.ones((1, 1, DIM))},
    "a text": {"queries": "picture.jpg"},
}


@looped("case", BAD_QUESTIONS)
def test_a_bad_question_is_refused(strict: Pair, case: str) -> None:
    with pytest.raises(UsageError):
        strict.index.within(**{"queries": QUERIES, "radius": 1.0, **BAD_QUESTIONS[case]})


def test_numbers_of_numpy_are_numbers(strict: Pair) -> None:
    numbers: list[Any] = [np.float32(4), np.float64(4), np.int8(4), np.uint16(4), 4]
    for radius in numbers:
        strict.check_within(QUERIES, radius)
