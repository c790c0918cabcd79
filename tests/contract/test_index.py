"""What every index promises, checked value by value against SciPy and a sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import KINDS, Kind, Pair, filled_once
from lookalike import kernels
from lookalike.index.base import Work
from lookalike.kernels.metrics import parse_metric
from looped import looped
from oracle import distances

DIM = 9

MakePair = Callable[[int], Pair]


def random_vectors(count: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


@pytest.fixture
def filled(kind: Kind, metric: str) -> Pair:
    """For tests that only ask."""
    return filled_once(Pair, kind, metric, DIM)


def test_answers_are_the_oracles(filled: Pair) -> None:
    stored = random_vectors(90)[[0, 10, 65, 72]]
    for k in (1, 7, 80, 200):
        filled.check(np.concatenate([random_vectors(5, seed=1), stored]), k)


@looped("dim", [1, 2, 33, 70])
def test_any_length_of_vector(pair: MakePair, dim: int) -> None:
    both = pair(dim)
    vectors = random_vectors(40, dim=dim)
    both.add(range(40), vectors)
    both.settle()
    both.check(random_vectors(3, seed=1, dim=dim), 5)


def test_a_lone_row(pair: MakePair) -> None:
    both = pair(DIM)
    both.add([3], random_vectors(1))
    both.settle()
    both.check(random_vectors(2, seed=1), 2)


def test_many_more_rows_than_neighbours(pair: MakePair) -> None:
    both = pair(DIM)
    both.add(range(1500), random_vectors(1500))
    both.settle()
    both.remove(range(0, 1500, 9))
    both.add(range(2000, 2500), random_vectors(500, seed=2))
    both.check(random_vectors(4, seed=3), 3)
    both.check(random_vectors(4, seed=3), 600)


def test_fast_answers_are_true_even_where_they_are_incomplete(pair: MakePair) -> None:
    both = pair(DIM)
    vectors = random_vectors(150)
    both.add(range(150), vectors)
    both.settle()
    both.add(range(150, 170), random_vectors(20, seed=4))
    both.remove(range(40))
    queries = vectors[100:120]
    for way in ({}, {"recall": 0.3}, {"recall": 0.99}, {"probes": 1}, {"probes": 9}):
        found = both.index.search(queries, 12, **way)
        for query, ids, measured in zip(queries, found.ids, found.distances, strict=True):
            count = int((ids >= 0).sum())
            assert (ids[count:] == -1).all()
            assert np.isposinf(measured[count:]).all()
            pairs = list(zip(measured[:count].tolist(), ids[:count].tolist(), strict=True))
            assert pairs == sorted(set(pairs))
            rows = [both.oracle.vectors[id_] for id_ in ids[:count].tolist()]
            expected = distances(both.oracle.metric, query[None], rows)[0]
            np.testing.assert_allclose(measured[:count], expected, rtol=2e-6, atol=3e-7)
        if both.oracle.metric != "hamming":  # where rows share a query's signs, smaller ids come first
            np.testing.assert_array_equal(found.ids[:, 0], np.arange(100, 120))


def test_ties_go_to_the_smaller_id(pair: MakePair) -> None:
    both = pair(DIM)
    three = random_vectors(3)
    which = np.random.default_rng(5).integers(0, 3, 90)
    ids = np.random.default_rng(6).permutation(1000)[:90]
    both.add(ids[:60].tolist(), three[which[:60]])
    both.settle()
    both.add(ids[60:].tolist(), three[which[60:]])
    both.check(np.concatenate([three, random_vectors(2, seed=8)]), 40)


def test_a_thousand_copies_of_one_vector(kind: Kind) -> None:
    both = Pair(kind, "cosine", DIM)
    vector = random_vectors(1)
    ids = np.random.default_rng(9).permutation(5000)[:1000]
    both.add(ids.tolist(), np.repeat(vector, 1000, axis=0))
    both.settle()
    both.check(vector, 15, ({}, {"probes": 1}, *both.kind.exact_ways))


def test_zero_vectors(pair: MakePair) -> None:
    both = pair(DIM)
    vectors = random_vectors(30)
    vectors[[2, 11, 12]] = 0
    both.add(range(30), vectors)
    both.settle()
    both.check(np.concatenate([np.zeros((1, DIM), np.float32), vectors[:3]]), 30)


@looped("scale", [1e15, 1e6, 1e-10, 1e-21, 1e-30])
def test_large_and_small_vectors(pair: MakePair, scale: float) -> None:
    both = pair(DIM)
    vectors = np.clip(random_vectors(30) / 5, -1, 1) * np.float32(scale)
    both.add(range(30), vectors)
    both.settle()
    queries = np.clip(random_vectors(6, seed=1) / 5, -1, 1) * np.float32(scale)
    # The oracle's own squares would underflow, so it sees everything at scale 1.
    both.oracle.vectors = {id_: vector / scale for id_, vector in both.oracle.vectors.items()}
    expected, far = both.oracle.search(queries.astype(np.float64) / scale, 3)
    grows = 1 if both.oracle.metric in ("cosine", "hamming") else scale
    for way in both.kind.exact_ways:
        found = both.index.search(queries, 3, **way)
        np.testing.assert_array_equal(found.ids, expected)
        np.testing.assert_allclose(found.distances / grows, far, rtol=2e-6, atol=3e-7)


def test_integers_float64_and_strided_arrays_mean_the_same(pair: MakePair) -> None:
    whole = np.random.default_rng(10).integers(-50, 50, (40, DIM))
    both = pair(DIM)
    both.add(list(range(10)), whole[:10].tolist())
    both.add(np.arange(10, 20, dtype=np.uint16), whole[10:20].astype(np.int8))
    both.add(np.arange(20, 40)[::2], np.asfortranarray(whole[20:40:2], np.float64))
    both.add(np.arange(20, 40)[1::2], whole.astype(np.float16)[21:40:2])
    both.settle()
    both.check(whole[::-7].astype(np.float64), 40)


def test_one_query_is_a_batch_of_one(filled: Pair) -> None:
    query = random_vectors(1, seed=1)
    for way in filled.kind.exact_ways:
        alone, batch = filled.index.search(query[0], 4, **way), filled.index.search(query, 4, **way)
        assert alone.ids.shape == alone.distances.shape == (1, 4)
        np.testing.assert_array_equal(alone.ids, batch.ids)
        np.testing.assert_array_equal(alone.distances, batch.distances)
        assert alone.work == batch.work


def test_answers_do_not_depend_on_the_rest_of_the_batch(filled: Pair) -> None:
    if filled.kind.name.endswith("one-by-one"):
        return  # there a batch is asked for one by one, too
    queries = random_vectors(300, seed=2)
    for way in ({"probes": 3}, *filled.kind.exact_ways):
        batch = filled.index.search(queries, 6, **way)
        for place in range(0, 300, 23):
            alone = filled.index.search(queries[place], 6, **way)
            np.testing.assert_array_equal(alone.ids[0], batch.ids[place])
            np.testing.assert_array_equal(alone.distances[0], batch.distances[place])


def test_a_batch_of_none(filled: Pair) -> None:
    for way in filled.kind.exact_ways:
        found = filled.index.search(np.empty((0, DIM)), 4, **way)
        assert found.ids.shape == found.distances.shape == (0, 4)
        assert found.work == Work()


def test_an_empty_index(pair: MakePair) -> None:
    both = pair(DIM)
    both.settle()
    both.check(random_vectors(2), 3)
    both.add([], np.empty((0, DIM)))
    both.remove([])
    assert len(both.index) == 0
    both.check(random_vectors(2), 3)


@looped("count", [20, 400])
def test_an_emptied_index(kind: Kind, count: int) -> None:
    both = Pair(kind, "cosine", DIM)
    both.add(range(count), random_vectors(count))
    both.settle()
    both.remove(range(count))
    assert len(both.index) == 0
    both.check(random_vectors(2), 3)
    both.add([5], random_vectors(1))
    both.check(random_vectors(2), 3)


def test_what_is_added_is_found_at_once_and_what_is_removed_is_not(pair: MakePair) -> None:
    both = pair(DIM)
    vectors = random_vectors(30)
    for id_, vector in enumerate(vectors):
        both.add([id_], vector[None])
        both.check(vector[None], 2, both.kind.exact_ways[:1])
        if id_ % 10 == 9:
            both.settle()
    for id_ in range(0, 30, 3):
        both.remove([id_])
        both.check(vectors[id_][None], 2, both.kind.exact_ways[:1])
    assert len(both.index) == 20


@looped("settled", [False, True])
def test_an_id_can_come_back_with_another_vector(pair: MakePair, settled: bool) -> None:
    both = pair(DIM)
    vectors = random_vectors(30)
    both.add(range(10), vectors[:10])
    for round_ in (1, 2):
        if settled:
            both.settle()
        both.remove([4, 0])
        both.add([0, 4], vectors[10 * round_ : 10 * round_ + 2])
        both.check(vectors, 10)
    assert len(both.index) == 10


def test_it_says_what_it_is(filled: Pair) -> None:
    assert filled.index.dim == DIM
    assert filled.index.metric == parse_metric(filled.oracle.metric)
    assert len(filled.index) == len(filled.oracle) == 80


def test_callers_keep_their_arrays(pair: MakePair) -> None:
    both = pair(DIM)
    ids, vectors = np.arange(20), random_vectors(20) * 3
    before = vectors.copy()
    both.add(ids, vectors)
    np.testing.assert_array_equal(vectors, before)
    vectors[:] = 0
    ids[:] = 7
    queries = random_vectors(3, seed=1) * 3
    asked = queries.copy()
    both.check(queries, 5)
    np.testing.assert_array_equal(queries, asked)
    way = both.kind.exact_ways[0]
    both.index.search(queries, 5, **way).ids[:] = -7
    both.check(queries, 5)


def test_whole_numbers_of_numpy_are_whole_numbers(filled: Pair) -> None:
    query = random_vectors(1, seed=1)
    filled.index.search(random_vectors(2), 200, probes=100)  # which has the kernel for more than one query
    compiled = len(kernels.funnel.search_plain.signatures)
    ways: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"recall": 1.0}, {"recall": np.float32(1)}),
        ({"probes": 100}, {"probes": np.uint8(100)}),
    )
    for way, numbers in ways:
        plain = filled.index.search(query, 200, **way)
        fancy = filled.index.search(query, np.uint8(200), **numbers)
        np.testing.assert_array_equal(fancy.ids, plain.ids)
        assert fancy.work == plain.work
    assert len(kernels.funnel.search_plain.signatures) == compiled  # compiling takes ten seconds


def test_a_scan_counts_what_it_compares(filled: Pair) -> None:
    for way in filled.kind.exact_ways:
        if "probes" not in way:
            found = filled.index.search(random_vectors(6), 5, **way)
            assert found.work == Work(distances=6 * 80)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.tables], ids=lambda kind: kind.name)
def test_tables_count_what_they_visit(filled: Pair) -> None:
    kind = filled.kind
    everything = filled.index.search(random_vectors(6), 5, probes=kind.buckets + 1).work
    # 60 rows lie in the tables, 55 of them alive; 25 of the 30 in the tail are alive, and all codes are met.
    living = 55 + 25
    assert everything == Work(6 * kind.buckets, 6 * (60 * kind.tables + 30), 6 * living, 6 * living)
    some = filled.index.search(random_vectors(6), 5, probes=5).work
    assert some.probes == 6 * 5
    assert some.candidates <= everything.candidates
    assert some.sketches <= some.candidates
    assert 6 * 25 <= some.distances <= some.sketches + 6 * 25
