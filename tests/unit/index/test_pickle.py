"""An index that is pickled, or copied, goes on as the one it came from."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index import ExactIndex, LSHIndex
from oracle import Oracle
from waiting import wait_until_filled

DIM = 8
QUERIES = np.random.default_rng(9).standard_normal((5, DIM)).astype(np.float32)
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"probes": 3},
    {"recall": 0.5},
    {"exact": True},
    {"among": range(300)},
)


def some_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


def unsettled() -> LSHIndex:
    """Rows in the tables and after them, some of both removed, and one id that has moved."""
    index = LSHIndex(DIM, metric="euclidean", tables=2, bits=5, seed=3, planes="gaussian")
    index.add(range(600), some_vectors(600))
    index.settle()
    index.remove(range(0, 300, 7))
    index.add([7, *range(1000, 1050)], some_vectors(51, seed=1))
    index.remove([1003, 1049])
    return index


MADE: dict[str, Callable[[], LSHIndex]] = {
    "empty": lambda: LSHIndex(DIM),
    "unsettled": unsettled,
    "built": lambda: LSHIndex.build(np.arange(50), some_vectors(50), metric="minkowski:2.5", bits=3),
}


@pytest.mark.parametrize("again", [lambda index: pickle.loads(pickle.dumps(index)), copy.deepcopy])
@pytest.mark.parametrize("made", MADE)
def test_it_comes_back_with_the_same_rows_and_answers(
    made: str, again: Callable[[LSHIndex], LSHIndex]
) -> None:
    index = MADE[made]()
    other = again(index)
    assert repr(other) == repr(index)
    assert other.metric == index.metric
    assert other.ids().tolist() == index.ids().tolist()
    assert (other.unsettled, other.stale) == (index.unsettled, index.stale)
    for k in (10, 100):
        assert other.recall_curve(k) == index.recall_curve(k)
    for way in WAYS:
        one, two = index.search(QUERIES, 12, **way), other.search(QUERIES, 12, **way)
        np.testing.assert_array_equal(one.ids, two.ids)
        np.testing.assert_array_equal(one.distances, two.distances)
        assert one.work == two.work


def test_it_lives_on_by_itself() -> None:
    index = unsettled()
    other: LSHIndex = pickle.loads(pickle.dumps(index))
    before = index.ids().tolist()
    other.remove([7, 1000])
    other.add([7, 5000], some_vectors(2, seed=5))
    assert index.ids().tolist() == before
    for either in (index, other):
        either.settle()
    assert other.ids().tolist() == sorted({*before, 5000} - {1000})
    found = other.search(some_vectors(2, seed=5), 1, exact=True)
    assert found.ids[:, 0].tolist() == [7, 5000]


def test_tables_that_were_due_are_filled_in_the_copy_too() -> None:
    index = LSHIndex(DIM, tables=1, bits=4)
    index.add(range(2000), some_vectors(2000))
    other: LSHIndex = pickle.loads(pickle.dumps(index))
    for either in (index, other):
        wait_until_filled(either)
        assert either.hashed
    assert other.recall_curve() == index.recall_curve()


def test_an_exact_index_too() -> None:
    index, oracle = ExactIndex(DIM, "euclidean"), Oracle("euclidean")
    for either in (index, oracle):
        either.add(range(80), some_vectors(80))
        either.remove(range(0, 40, 3))
    other: ExactIndex = pickle.loads(pickle.dumps(index))
    assert repr(other) == repr(index) == "<ExactIndex: 66 rows of 8 numbers, euclidean>"
    for either in (other, oracle):
        either.remove([41])
        either.add([0, 900], some_vectors(2, seed=4))
    np.testing.assert_array_equal(other.search(QUERIES, 70).ids, oracle.search(QUERIES, 70)[0])
    assert len(index) == 66
