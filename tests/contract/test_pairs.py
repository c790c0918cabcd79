"""All pairs within a radius: those that the oracle finds, each once, in order, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import LARGEST_ID, Kind, Pair, fill, filled_once
from lookalike.errors import UsageError
from lookalike.index import PairRecall, Pairs
from looped import looped
from oracle import Oracle, distances

DIM = 9

MakePair = Callable[[int], Pair]


def random_vectors(count: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


@pytest.fixture
def filled(kind: Kind, metric: str) -> Pair:
    """For tests that only ask."""
    return filled_once(Pair, kind, metric, DIM)


@pytest.fixture
def strict(kind: Kind) -> Pair:
    """The same, for what does not depend on the metric."""
    return filled_once(Pair, kind, "euclidean", DIM)


def true_pairs(
    oracle: Oracle, radius: float, among: Collection[int] | None = None
) -> tuple[list[tuple[int, int]], NDArray[np.float32]]:
    """The pairs in order of (first, distance, second), and their distances."""
    ids = [id_ for id_ in oracle.ids() if among is None or id_ in among]
    vectors = [oracle.vectors[id_] for id_ in ids]
    apart = distances(oracle.metric, vectors, vectors).astype(np.float32)
    with np.errstate(over="ignore"):
        near = apart <= np.float32(radius)
    first, second = np.nonzero(np.triu(near, 1))
    order = np.lexsort((second, apart[first, second], first))
    first, second = first[order], second[order]
    return [(ids[a], ids[b]) for a, b in zip(first, second, strict=True)], apart[first, second]


def listed(given: list[Pairs]) -> list[tuple[int, int]]:
    return [pair for some in given for pair in zip(some.first.tolist(), some.second.tolist(), strict=True)]


def check(both: Pair, radius: float, *, among: Collection[int] | None = None) -> int:
    """Every exact way of asking must agree with the oracle; how many pairs there are comes back."""
    expected, apart = true_pairs(both.oracle, radius, among)
    restricted: dict[str, Any] = {} if among is None else {"among": list(among)}
    for way in both.kind.exact_ranges:
        if "exact" in way:
            continue
        answer = both.index.pairs(radius, threads=2, **way, **restricted)
        given = list(answer)
        assert all(some.first.dtype == some.second.dtype == np.int64 for some in given)
        assert listed(given) == expected
        measured = np.concatenate([np.empty(0, np.float32), *(some.distances for some in given)])
        assert measured.dtype == np.float32
        np.testing.assert_allclose(measured, apart, rtol=2e-6, atol=3e-7)
        assert answer.recall == PairRecall.exact()
    return len(expected)


def radius_between(both: Pair, share: float) -> float:
    """A radius in the middle of a gap between distances of pairs, with a share of the pairs below."""
    apart = np.unique(true_pairs(both.oracle, float("inf"))[1])
    place = min(int(share * len(apart)), len(apart) - 2)
    return float(apart[place] + apart[place + 1]) / 2


@looped("share", [0.0, 0.02, 0.5])
def test_pairs_are_the_oracles(filled: Pair, share: float) -> None:
    count = check(filled, radius_between(filled, share))
    assert 1 <= count < 80 * 79 / 2


@looped("radius", [float("inf"), 1e15, 1e39, np.float32(np.inf)])
def test_a_radius_without_end_finds_all(strict: Pair, radius: float) -> None:
    assert check(strict, radius) == 80 * 79 / 2


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "minkowski", "hamming"])
def test_the_border_belongs_to_it(kind: Kind, metric: str) -> None:
    both = Pair(kind, metric, 2)
    both.add([5, 6, 7, 8, 9], [[0, 0], [3, 4], [-5, 0], [1, 1], [30, 40]])
    both.settle()
    for radius in (1, 2, 5, 7, 45, 50, 70):
        check(both, radius)
        check(both, float(np.nextafter(np.float32(radius), np.float32(0))))


def test_radius_0_finds_equal_rows(pair: MakePair) -> None:
    both, vectors = pair(DIM), random_vectors(60) * 3
    both.add(range(60), vectors)
    both.add(range(500, 530), vectors[:30])
    both.settle()
    both.add(range(300, 310), vectors[:10])
    count = check(both, 0)
    assert count >= 10 * 3 + 20
    if both.oracle.metric != "hamming":
        assert count == 10 * 3 + 20


def test_ties_go_to_the_smaller_id(pair: MakePair) -> None:
    both, three = pair(DIM), random_vectors(3)
    ids = np.random.default_rng(6).permutation(1000)[:120]
    both.add(ids[:100].tolist(), three[np.arange(100) % 3])
    both.settle()
    both.add(ids[100:].tolist(), three[np.arange(20) % 3])
    assert check(both, 0) >= 3 * 40 * 39 / 2
    assert check(both, float("inf")) == 120 * 119 / 2


@looped("step", [1, 2, 90])
def test_both_rows_are_among_the_ids(filled: Pair, step: int) -> None:
    among = [*filled.oracle.ids()[::step], 77_777, 4]
    for radius in (radius_between(filled, 0.3), float("inf")):
        check(filled, radius, among=among)
    assert check(filled, float("inf"), among=[]) == 0


def test_no_rows_and_one_row_have_no_pairs(pair: MakePair) -> None:
    both = pair(DIM)
    assert check(both, float("inf")) == 0
    both.settle()
    assert check(both, 1.0) == 0
    both.add([7], random_vectors(1))
    both.settle()
    assert check(both, float("inf")) == 0


def test_runs_of_rows_share_the_pairs(strict: Pair) -> None:
    borders = [0, 1, 700, 701, 2500, 4999, 6000, LARGEST_ID, LARGEST_ID + 1]
    whole = list(strict.index.pairs(4.0, recall=1.0))
    parts = []
    for start, stop in pairwise(borders):
        given = list(strict.index.pairs(4.0, recall=1.0, rows=(start, stop)))
        assert all(start <= id_ < stop for id_ in (first for first, _ in listed(given)))
        assert not given or given[-1].done == stop
        parts += given
    assert listed(parts) == listed(whole)
    assert 100 < len(listed(whole)) < 80 * 79 / 2
    assert list(strict.index.pairs(4.0, rows=(700, 3))) == []


def test_what_came_or_went_counts_at_once(kind: Kind) -> None:
    strict = fill(Pair(kind, "euclidean", DIM))
    vectors = random_vectors(2, seed=9)
    before = check(strict, 0)
    strict.add([80_000, 80_001], vectors[[0, 0]])
    assert check(strict, 0) == before + 1
    strict.remove([80_001])
    assert check(strict, 0) == before


def test_incomplete_answers_are_true(filled: Pair) -> None:
    radius = radius_between(filled, 0.3)
    expected, _ = true_pairs(filled.oracle, radius)
    for recall in (None, 0.3, 0.99):
        found = listed(list(filled.index.pairs(radius, recall=recall)))
        assert len(set(found)) == len(found)
        assert set(found) <= set(expected)
        assert len(found) >= 0.3 * len(expected)


BAD_QUESTIONS: dict[str, dict[str, Any]] = {
    "radius=-1": {"radius": -1},
    "radius=NaN": {"radius": float("nan")},
    "radius='1'": {"radius": "1"},
    "recall=0": {"recall": 0},
    "recall=1.5": {"recall": 1.5},
    "rows=5": {"rows": 5},
    "rows below 0": {"rows": (-1, 5)},
    "rows of three": {"rows": (1, 2, 3)},
    "rows of fractions": {"rows": (0.5, 2)},
    "no threads": {"threads": 0},
    "half a thread": {"threads": 0.5},
    "among texts": {"among": ["a"]},
}


@looped("case", BAD_QUESTIONS)
def test_a_bad_question_is_refused_at_once(strict: Pair, case: str) -> None:
    with pytest.raises(UsageError):
        strict.index.pairs(**{"radius": 1.0, **BAD_QUESTIONS[case]})


def test_numbers_of_numpy_are_numbers(strict: Pair) -> None:
    whole = listed(list(strict.index.pairs(4)))
    assert whole
    for radius in (np.float32(4), np.int8(4), np.uint16(4)):
        assert listed(list(strict.index.pairs(radius, threads=np.int64(1), rows=(np.int64(0), LARGEST_ID))))
