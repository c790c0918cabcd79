"""A scan for a lone query: against the scan for a batch, and when it must not answer."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import ExactIndex, LSHIndex, Neighbors
from lookalike.index.exact import scan
from lookalike.index.lone_scan import LoneScan
from lookalike.index.rows import Rows
from lookalike.kernels.metrics import parse_metric

DIM = 24
METRICS = ["cosine", "euclidean", "manhattan", "minkowski:2.5", "hamming"]


def drawn(count: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


def rows_of(metric: str, main: NDArray[np.float32], tail: NDArray[np.float32]) -> Rows:
    prepare = parse_metric(metric).prepare
    rows = Rows(main.shape[1], np.arange(len(main)) * 2, prepare(main))
    if len(tail):
        rows.add(2 * np.arange(len(tail))[::-1] + 1, prepare(tail))
    return rows


def batch(metric: str, rows: Rows, query: NDArray[np.float32], k: int) -> Neighbors:
    prepared = parse_metric(metric).prepare(query.reshape(1, -1))
    return scan([rows.main, rows.tail], prepared, k, parse_metric(metric))


def same(found: Neighbors | None, expected: Neighbors) -> None:
    assert found is not None
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.distances, expected.distances)
    assert (found.ids.dtype, found.distances.dtype, found.work) == (np.int64, np.float32, expected.work)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("main", "tail"), [(300, 0), (0, 300), (200, 100), (3, 2)])
@pytest.mark.parametrize("k", [1, 10, 400])
def test_it_finds_what_a_batch_of_one_finds(metric: str, main: int, tail: int, k: int) -> None:
    rows, lone = rows_of(metric, drawn(main), drawn(tail, 1)), LoneScan(parse_metric(metric))
    for query in [*drawn(20, 2), *(3 * drawn(main + tail)[:3])]:
        same(lone.search(rows, query, k), batch(metric, rows, query, k))
        same(lone.search(rows, query[None], k), batch(metric, rows, query, k))


@pytest.mark.parametrize("metric", METRICS)
def test_ties_are_in_the_order_of_ids(metric: str) -> None:
    vectors = np.tile(drawn(4), (30, 1))
    rows, lone = rows_of(metric, vectors[:60], vectors[60:]), LoneScan(parse_metric(metric))
    for query in vectors[:4]:
        found = lone.search(rows, query, 25)
        same(found, batch(metric, rows, query, 25))
        assert found is not None
        assert not found.distances.any()
        assert (np.diff(found.ids[0]) > 0).all()


def test_an_equal_vector_is_at_distance_0_whatever_its_length() -> None:
    vectors = drawn(400, dim=512) * np.float32(7.3)
    index = ExactIndex(512)
    index.add(np.arange(400), vectors)
    for place, query in enumerate(vectors):
        found = index.search(query, 1)
        assert (found.ids[0, 0], found.distances[0, 0]) == (place, 0)


def test_a_row_that_comes_or_goes_shows_in_the_next_answer() -> None:
    index, query = ExactIndex(DIM), drawn(1)[0]
    index.add([3, 4], [-query, query + 1])
    assert index.search(query, 1).ids.tolist() == [[4]]
    index.add([7], [query])
    assert index.search(query, 2).ids.tolist() == [[7, 4]]
    index.remove([7])
    assert index.search(query, 2).ids.tolist() == [[4, 3]]
    index.add([7], [-2 * query])
    assert index.search(query, 3).ids.tolist() == [[4, 3, 7]]


def test_what_it_leaves_to_others() -> None:
    lone, rows = LoneScan(parse_metric("cosine")), rows_of("cosine", drawn(9), drawn(0))
    query = drawn(1)[0]
    left: list[Any] = [
        drawn(2), query.tolist(), query.astype(np.float64), query[:-1], np.zeros(DIM, np.float32),
        np.full(DIM, np.nan, np.float32), np.full(DIM, np.inf, np.float32), np.full(DIM, 1e15, np.float32),
    ]  # fmt: skip
    assert [lone.search(rows, queries, 3) for queries in left] == [None] * len(left)
    assert [lone.search(rows, query, k) for k in (0, 3.0, True, None)] == [None] * 4
    assert lone.search(rows_of("cosine", drawn(0), drawn(0)), query, 3) is None
    rows.remove([4])
    assert lone.search(rows, query, 3) is None


@pytest.mark.parametrize("make", [ExactIndex, LSHIndex])
def test_zeros_are_at_distance_1_and_mistakes_are_refused(make: type[ExactIndex] | type[LSHIndex]) -> None:
    index, query = make(DIM), drawn(1)[0]
    index.add([0, 1], [np.zeros(DIM), query])
    assert index.search(query, 2).distances.tolist() == [[0, 1]]
    assert index.search(np.zeros(DIM, np.float32), 2).distances.tolist() == [[1, 1]]
    for wrong in (np.full(DIM, np.nan, np.float32), query[1:]):
        with pytest.raises(UsageError):
            index.search(wrong, 2)
    for options in ({"k": 0}, {"k": 1.5}, {"k": 2, "recall": 2.0}, {"k": 2, "probes": 0}):
        with pytest.raises(UsageError):
            index.search(query, **options)  # type: ignore[arg-type]


def test_what_was_prepared_is_not_pickled() -> None:
    index, query = ExactIndex(DIM), drawn(1)[0]
    index.add(np.arange(500), drawn(500))
    before = len(pickle.dumps(index))
    expected = index.search(query, 3)
    assert len(pickle.dumps(index)) == before
    same(pickle.loads(pickle.dumps(index)).search(query, 3), expected)
