"""Searches among some of the ids: as if the others were not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import LARGEST_ID, Kind, Pair
from lookalike.errors import UsageError
from lookalike.index.base import Work
from looped import looped
from oracle import distances

DIM = 7
ROWS, LATER = 400, 60

MakePair = Callable[[int], Pair]


def random_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


QUERIES = random_vectors(5, seed=1)


def fill(both: Pair) -> Pair:
    """Ids 0, 3, 6, … in the main part and 10,000 up in the tail, every eleventh of them dead."""
    ids = [*range(0, 3 * ROWS, 3), *range(10_000, 10_000 + LATER)]
    vectors = random_vectors(len(ids))
    both.add(ids[:ROWS], vectors[:ROWS])
    both.settle()
    both.add(ids[ROWS:], vectors[ROWS:])
    both.remove(ids[::11])
    return both


@cache  # to tune a hashed index of so many rows takes a tenth of a second
def kept(kind: Kind, metric: str) -> Pair:
    """A filled index for all tests that only ask it."""
    return fill(Pair(kind, metric, DIM))


@pytest.fixture
def filled(kind: Kind, metric: str) -> Pair:
    return kept(kind, metric)


@pytest.fixture
def strict(kind: Kind) -> Pair:
    """For what does not depend on the metric."""
    return kept(kind, "euclidean")


SETS: dict[str, list[int]] = {
    "all that are there, and more": [*range(3 * ROWS), *range(10_000, 11_000), LARGEST_ID],
    "a half": list(range(0, 3 * ROWS, 6)),
    "a few": [3, 9, 10_003, 600, 12],
    "one": [300],
    "of the tail only": list(range(10_000, 10_100)),
    "none that is there": [1, 2, 4, 0, 33, 10_007, LARGEST_ID],
    "none": [],
}


@looped("chosen", SETS)
def test_answers_are_those_of_an_index_of_these_alone(filled: Pair, chosen: str) -> None:
    for k in (1, 20, 500):
        filled.check(QUERIES, k, among=SETS[chosen])


def test_none_given_means_all(strict: Pair) -> None:
    for way in strict.kind.exact_ways:
        found, plain = (
            strict.index.search(QUERIES, 9, among=None, **way),
            strict.index.search(QUERIES, 9, **way),
        )
        np.testing.assert_array_equal(found.ids, plain.ids)


@pytest.mark.parametrize(
    "make",
    [
        tuple,
        range,
        np.array,
        lambda ids: np.array(ids, np.uint16)[::-1],
        lambda ids: np.array([*ids, 0])[:-1],
    ],
    ids=["tuple", "range", "int64", "uint16, falling", "a view"],
)
def test_ids_come_in_any_form(strict: Pair, make: Callable[[Any], Any]) -> None:
    ids = range(30, 90) if make is range else list(range(30, 90))
    strict.check(QUERIES, 30, among=ids if make is range else make(ids))


def test_ties_go_to_the_smaller_id(kind: Kind) -> None:
    both = Pair(kind, "euclidean", DIM)
    ids = np.random.default_rng(2).permutation(500)[:200]
    both.add(ids[:150].tolist(), np.repeat(random_vectors(3), 50, axis=0))
    both.settle()
    both.add(ids[150:].tolist(), np.repeat(random_vectors(1), 50, axis=0))
    both.check(random_vectors(3), 70, among=range(0, 500, 2))


@looped("way", [{}, {"recall": 0.3}, {"probes": 1}, {"probes": 7}])
def test_incomplete_answers_are_true_and_among_the_wanted(filled: Pair, way: dict[str, Any]) -> None:
    among = [*range(0, 900, 2), *range(10_010, 10_040)]
    found = filled.index.search(QUERIES, 12, among=among, **way)
    allowed = set(among) & set(filled.oracle.ids())
    for query, ids, measured in zip(QUERIES, found.ids, found.distances, strict=True):
        count = int((ids >= 0).sum())
        assert set(ids[:count].tolist()) <= allowed
        assert (ids[count:] == -1).all()
        assert np.isposinf(measured[count:]).all()
        pairs = list(zip(measured[:count].tolist(), ids[:count].tolist(), strict=True))
        assert pairs == sorted(set(pairs))
        if count:
            rows = [filled.oracle.vectors[id_] for id_ in ids[:count].tolist()]
            expected = distances(filled.oracle.metric, query[None], rows)[0]
            np.testing.assert_allclose(measured[:count], expected, rtol=2e-6, atol=3e-7)


def test_what_came_or_went_counts_at_once(kind: Kind) -> None:
    strict = fill(Pair(kind, "euclidean", DIM))
    among = [3, 6, 10_001, 77_777]
    for round_ in range(3):
        strict.check(QUERIES, 4, among=among)
        strict.remove([3, 10_001])
        strict.check(QUERIES, 4, among=among)
        strict.add([77_777, 10_001, 3], random_vectors(3, seed=5 + round_))
        strict.check(QUERIES, 4, among=among)
        strict.settle()
        strict.remove([77_777])


def test_a_scan_compares_no_others(strict: Pair) -> None:
    living = len({*range(0, 90, 3)} & set(strict.oracle.ids()))
    for way in strict.kind.exact_ranges:
        assert strict.index.search(QUERIES, 3, among=range(90), **way).work == Work(distances=5 * living)
        assert strict.index.search(QUERIES, 3, among=[], **way).work == Work()


def test_the_callers_ids_stay_as_they_are(strict: Pair) -> None:
    among = np.array([9, 3, 6])
    strict.index.search(QUERIES, 2, among=among)
    assert among.tolist() == [9, 3, 6]
    strict.check(QUERIES, 500)


BAD_IDS: dict[str, Any] = {
    "an id twice": [3, 6, 3],
    "a negative id": [3, -1],
    "an id beyond int64": np.array([3, 2**63], np.uint64),
    "float ids": [3.0, 6.0],
    "boolean ids": np.ones(ROWS, np.bool_),
    "text": "3",
    "ragged ids": [[3], [6, 9]],
    "ids in a square": [[3, 6], [9, 12]],
}


@looped("case", BAD_IDS)
def test_bad_ids_are_refused(strict: Pair, case: str) -> None:
    for way in ({}, *strict.kind.exact_ways):
        with pytest.raises(UsageError, match="ids must"):
            strict.index.search(QUERIES, 3, among=BAD_IDS[case], **way)
    with pytest.raises(UsageError, match="ids must"):
        strict.index.within(QUERIES, 1.0, among=BAD_IDS[case])


def test_among_the_ids_of_an_empty_index(pair: MakePair) -> None:
    both = pair(DIM)
    both.check(QUERIES, 2, among=[1, 2, 3])
    both.settle()
    both.check(QUERIES, 2, among=[])
