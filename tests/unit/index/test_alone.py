"""One query per call finds what a batch of it finds, and knows when to leave it to the batch."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from types import FrameType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import LSHIndex
from lookalike.index.alone import Alone
from lookalike.index.base import Neighbors
from lookalike.kernels.arrays import frozen
from lookalike.kernels.metrics import METRICS, Metric

DIM = 40


def vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return (random.standard_normal((count, DIM)) * np.linspace(3, 0.3, DIM) + 1).astype(np.float32)


def built(metric: str = "cosine", **settings: Any) -> LSHIndex:
    """Rows in tables, fresh rows, and dead ones among both."""
    signs = {} if "cells" in settings else {"tables": 1, "bits": 5}
    index = LSHIndex(DIM, metric=metric, **{**signs, **settings})
    index.add(range(1500), vectors(1500))
    index.settle()
    index.add(range(1500, 1600), vectors(100, seed=1))
    index.remove(range(0, 1600, 11))
    return index


@pytest.fixture(scope="module")
def index() -> LSHIndex:
    """For tests that only ask it."""
    return built()


def by_itself(
    index: LSHIndex, query: Any, k: Any, recall: Any = None, probes: Any = None
) -> Neighbors | None:
    """What is found without the help of a batch."""
    return Alone(index.metric).search(index._state, query, k, recall, probes)


def same(one: Neighbors | None, other: Neighbors) -> None:
    assert one is not None
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_array_equal(one.distances, other.distances)
    assert one.work == other.work
    assert (one.ids.dtype, one.distances.dtype) == (np.int64, np.float32)


@pytest.mark.parametrize(
    "settings", [{}, {"tables": 3}, {"planes": "gaussian", "seed": 4}, {"cells": 32}], ids=str
)
@pytest.mark.parametrize("metric", METRICS)
def test_it_finds_what_a_batch_finds(metric: str, settings: dict[str, Any]) -> None:
    index = built(metric, **settings)
    queries = vectors(8, seed=2) * 5
    for k, way in ((1, {"probes": 3}), (7, {"recall": 0.8}), (3, {}), (200, {"probes": 32})):
        batch = index.search(np.concatenate([queries, queries]), k, **way)
        for place, query in enumerate(queries):
            for given in (query, query[None], queries[place : place + 1]):
                found = by_itself(index, given, k, way.get("recall"), way.get("probes"))
                if found is None:  # a scan is cheaper, or has to find what is missing
                    assert "probes" not in way
                    continue
                np.testing.assert_array_equal(found.ids[0], batch.ids[place])
                np.testing.assert_array_equal(found.distances[0], batch.distances[place])


@pytest.mark.parametrize("settings", [{}, {"cells": 32}], ids=str)
def test_what_is_prepared_follows_every_change(settings: dict[str, Any]) -> None:
    index, query = built(**settings), vectors(1, seed=3)
    index.search(query, 5, probes=32)
    row = np.array([9001])
    index.add(row, query)
    assert index.search(query, 5, probes=32).ids[0, 0] == 9001
    index.remove(row)
    assert 9001 not in index.search(query, 5, probes=32).ids
    index.add([9002], query)
    index.settle()
    assert index.search(query, 5, probes=32).ids[0, 0] == 9002
    same(by_itself(index, query, 5, None, 32), index.search(np.concatenate([query] * 2)[:1], 5, probes=32))


@pytest.mark.parametrize("count", [1, 2], ids=["one query", "a batch"])
def test_the_first_row_to_be_removed_is_not_found(count: int) -> None:
    index, rows = LSHIndex(DIM, cells=32), vectors(1500)
    index.add(range(1500), rows)
    index.settle()
    index.add([2000], rows[7:8])
    queries = np.repeat(rows[7:8], count, axis=0)
    assert index.search(queries, 2, probes=32).ids.tolist() == [[7, 2000]] * count
    index.remove([7])
    assert index.search(queries, 1, probes=32).ids.tolist() == [[2000]] * count
    index.add([7], rows[7:8])
    index.remove([2000])
    assert index.search(queries, 1, probes=32).ids.tolist() == [[7]] * count


@pytest.mark.parametrize(
    "query",
    [
        [1.0] * DIM,
        np.ones(DIM),
        np.ones((2, DIM), np.float32),
        np.ones((0, DIM), np.float32),
        np.ones((DIM, 1), np.float32),
        np.ones((1, 1, DIM), np.float32),
        np.ones(DIM - 1, np.float32),
        np.full(DIM, np.nan, np.float32),
        np.full(DIM, 2e15, np.float32),
    ],
    ids=lambda query: f"{np.asarray(query).dtype}{np.shape(query)}",
)
def test_other_queries_are_left_to_the_batch(index: LSHIndex, query: Any) -> None:
    assert by_itself(index, query, 3, None, 4) is None


@pytest.mark.parametrize(
    ("k", "recall", "probes"), [(3.0, None, 4), (True, None, 4), (3, np.float32(0.5), None), (3, None, 4.0)]
)
def test_other_numbers_are_left_to_the_batch_even_if_equal_to_known_ones(
    index: LSHIndex, k: Any, recall: Any, probes: Any
) -> None:
    query = vectors(1, seed=3)
    alone = Alone(index.metric)
    for known in ((3, None, 4), (1, None, 4), (3, 0.5, None)):
        assert alone.search(index._state, query, *known) is not None
    assert alone.search(index._state, query, k, recall, probes) is None


@pytest.mark.parametrize(
    ("k", "recall", "probes"), [(0, None, None), (3, 1.5, None), (3, None, 0), (3, 0.5, 4)]
)
def test_numbers_that_make_no_sense_are_refused(
    index: LSHIndex, k: int, recall: float | None, probes: int | None
) -> None:
    with pytest.raises(UsageError):
        by_itself(index, vectors(1), k, recall, probes)


def test_a_scan_is_left_to_others(index: LSHIndex) -> None:
    query = vectors(1, seed=3)
    assert by_itself(index, query, 3, 1.0) is None
    assert by_itself(index, query, 101) is None


@pytest.mark.parametrize("settings", [{}, {"cells": 32}], ids=str)
def test_hash_functions_that_are_not_short_are_left_to_the_batch(settings: dict[str, Any]) -> None:
    """As in an index file that was written before they were."""
    index, query = built(**settings), vectors(1, seed=3)
    state = index._state
    assert state.hashed is not None
    functions = state.hashed.functions
    longer = functions._replace(planes=frozen(functions.planes * np.float32(1.001)))
    index._refilling.state = replace(state, hashed=state.hashed._replace(functions=longer))
    alone = Alone(index.metric)
    assert alone.search(index._state, query, 3, None, 4) is None
    assert alone._kept is not None
    assert alone._kept[0] is longer  # so that their numbers are looked at once, and not by every search
    assert alone.search(index._state, query, 3, None, 4) is None
    one, two = index.search(query, 3, probes=4), index.search(np.repeat(query, 2, axis=0), 3, probes=4)
    np.testing.assert_array_equal(one.ids[0], two.ids[0])


def test_an_index_without_tables_is_scanned() -> None:
    left_open, query = LSHIndex(DIM), vectors(1, seed=3)
    left_open.add([1], query)
    found = by_itself(left_open, query, 1)
    assert found is not None
    assert found.ids.tolist() == [[1]]


def test_callers_keep_their_query_and_own_their_answer(index: LSHIndex) -> None:
    query = vectors(1, seed=3) * 9
    before = query.copy()
    first = index.search(query, 5, probes=9)
    kept = first.ids.copy()
    index.search(vectors(1, seed=5), 5, probes=9)
    np.testing.assert_array_equal(query, before)
    np.testing.assert_array_equal(first.ids, kept)


def test_many_ways_to_ask_are_forgotten_again() -> None:
    index, query = built(), vectors(1, seed=3)
    for k in range(1, 60):
        index.search(query, k, probes=9)
    assert len(index._alone._prepared) <= 16


def test_another_state_that_is_searched_meanwhile_lends_no_hash_functions(index: LSHIndex) -> None:
    """Between any two lines, as when new tables have just replaced those that a thread still searches."""
    hashed = index._state.hashed
    assert hashed is not None
    mine = hashed.functions
    others = mine._replace(centre=mine.centre.copy())
    alone, before = Alone(Metric("cosine")), sys.gettrace()

    def come_between(frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code is not Alone._laid_out.__code__:
            return None
        if event == "line":
            alone._laid_out(others)
        return come_between

    sys.settrace(come_between)
    try:
        laid_out = [alone._laid_out(mine) for _ in range(2)]
    finally:
        sys.settrace(before)
    for arrays in laid_out:
        assert arrays is not None
        assert any(array is mine.centre for array in arrays)


def test_threads_do_not_share_a_query(index: LSHIndex) -> None:
    queries = vectors(40, seed=6)
    expected = index.search(queries, 4, probes=9)
    wrong: list[int] = []

    def ask(first: int) -> None:
        for turn in range(200):
            place = (first + turn) % len(queries)
            if (index.search(queries[place], 4, probes=9).ids[0] != expected.ids[place]).any():
                wrong.append(place)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(0, 40, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
