"""An index over rows of float16, which answers by these rows as they were rounded."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import LSHIndex, estimate, exact
from oracle import METRICS, Oracle

DIM, ROWS, K = 12, 700, 9
SHAPE: dict[str, Any] = {"cells": 20}
WAYS: tuple[dict[str, Any], ...] = ({"exact": True}, {"recall": 1.0}, {"probes": 1 << 20})


def random_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


def rounded(metric: str, vectors: NDArray[np.float32]) -> NDArray[np.float16]:
    """Rows as an index with this metric stores them."""
    if metric == "cosine":
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16)


class Halved:
    """An index that was built from a mapped file of float16 rows, and its oracle."""

    def __init__(self, metric: str, folder: Path) -> None:
        rows = rounded(metric, random_vectors(ROWS))
        np.save(folder / "rows.npy", rows)
        self.mapped = np.load(folder / "rows.npy", mmap_mode="r")
        self.index = LSHIndex.build(np.arange(ROWS), self.mapped, metric=metric, **SHAPE)
        self.oracle = Oracle(metric)
        self.oracle.add(range(ROWS), rows)

    def check(self, index: LSHIndex | None = None) -> None:
        index = index or self.index
        queries = np.concatenate([random_vectors(4, seed=1), random_vectors(ROWS)[:4]])
        ids, far = self.oracle.search(queries, K)
        among = range(0, ROWS, 3)
        some_ids, some_far = self.oracle.search(queries, K, among)
        for way in WAYS:
            found = index.search(queries, K, **way)
            np.testing.assert_array_equal(found.ids, ids)
            np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
            lone = [index.search(query, K, **way) for query in queries]
            np.testing.assert_array_equal(np.concatenate([one.ids for one in lone]), ids)
            found = index.search(queries, K, among=among, **way)
            np.testing.assert_array_equal(found.ids, some_ids)
            np.testing.assert_allclose(found.distances, some_far, rtol=2e-6, atol=3e-7)
        radius = float(far[:, 3:5].mean())
        ranges = index.within(queries, radius, exact=True)
        expected = self.oracle.within(queries, radius)
        assert ranges.ids.tolist() == [id_ for ids, _ in expected for id_ in ids]


@pytest.fixture(params=METRICS)
def halved(request: pytest.FixtureRequest, tmp_path: Path) -> Halved:
    return Halved(request.param, tmp_path)


def test_answers_are_those_for_the_rounded_rows(halved: Halved) -> None:
    assert np.shares_memory(halved.index._state.rows.main.vectors, halved.mapped)
    assert halved.index.hashed
    halved.check()


def test_a_scan_of_many_runs_is_one_of_all_rows(halved: Halved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_WIDENED", 33 * DIM)
    halved.check()


def test_what_comes_later_is_rounded_when_it_is_settled(halved: Halved) -> None:
    metric, more = halved.oracle.metric, random_vectors(60, seed=2)
    gone = range(0, ROWS, 7)
    halved.index.add(range(ROWS, ROWS + 60), more)
    halved.index.remove(gone)
    halved.oracle.add(range(ROWS, ROWS + 60), more)
    halved.oracle.remove(gone)
    halved.check()
    halved.index.settle()
    assert halved.index._state.rows.main.vectors.dtype == np.float16
    halved.oracle.add(range(ROWS, ROWS + 60), rounded(metric, more))
    halved.check()


def test_it_is_saved_and_pickled_as_it_is(halved: Halved, tmp_path: Path) -> None:
    halved.index.save(tmp_path / "index")
    for index in (LSHIndex.load(tmp_path / "index"), pickle.loads(pickle.dumps(halved.index))):
        assert index._state.rows.main.vectors.dtype == np.float16
        halved.check(index)


def test_all_pairs_are_those_of_the_rounded_rows(halved: Halved) -> None:
    radius = float(halved.oracle.search(random_vectors(1), 3)[1][0, 2])
    vectors = [halved.oracle.vectors[id_] for id_ in range(ROWS)]
    expected = {
        (id_, other)
        for id_, (near, _) in enumerate(halved.oracle.within(vectors, radius))
        for other in near.tolist()
        if other > id_
    }
    found = {
        link
        for some in halved.index.pairs(radius, recall=1.0)
        for link in zip(some.first.tolist(), some.second.tolist(), strict=True)
    }
    assert found == expected != set()
    walked = {
        link: far
        for some in halved.index.pairs(radius, recall=0.9)
        for *link, far in [*zip(some.first.tolist(), some.second.tolist(), some.distances, strict=True)]
        for link in [tuple(link)]
    }
    assert walked.keys() <= expected
    assert len(walked) >= 0.85 * len(expected)
    assert max(walked.values()) <= radius


def test_recall_is_measured_on_the_rounded_rows(tmp_path: Path) -> None:
    halved = Halved("cosine", tmp_path)
    curve = halved.index.recall_curve()
    queries = random_vectors(200, seed=3)
    truth = halved.oracle.search(queries, K)[0]
    found = halved.index.search(queries, K, recall=curve[-1].lower).ids
    assert np.mean([np.isin(one, other).mean() for one, other in zip(truth, found, strict=True)]) > 0.8


def test_answers_are_judged_as_those_of_the_rounded_rows() -> None:
    rows = rounded("euclidean", random_vectors(1500, seed=3))
    sets = rows, rows.astype(np.float32)
    indexes = [LSHIndex.build(np.arange(1500), of, metric="euclidean", cells=30) for of in sets]
    half, single = (index._state.judge for index in indexes)
    np.testing.assert_array_equal(half.weights, single.weights)
    assert half.farthest == single.farthest
    assert (half.weights != estimate.USUAL).any()
    halves, singles = (index.search(random_vectors(8, seed=4), K, recall=0.6) for index in indexes)
    np.testing.assert_array_equal(halves.recall, singles.recall)
    assert (halves.recall < 1).any()


def test_numbers_beyond_float16_are_refused(tmp_path: Path) -> None:
    halved = Halved("euclidean", tmp_path)
    with pytest.raises(UsageError, match="within ±65504"):
        halved.index.add([ROWS], np.full((1, DIM), 70_000.0))
    assert len(halved.index) == ROWS
    for value in (np.inf, np.nan):
        with pytest.raises(UsageError, match="finite"):
            LSHIndex.build([3], np.full((1, DIM), value, np.float16), metric="euclidean")


def test_rows_of_float16_have_about_the_length_1() -> None:
    rows = rounded("cosine", random_vectors(40))
    assert len(LSHIndex.build(range(40), rows)) == 40
    rows[7] *= np.float16(1.01)
    with pytest.raises(UsageError, match="vectors must have length 1"):
        LSHIndex.build(range(40), rows)


def test_a_scan_finds_the_nearest_though_lengths_are_not_quite_1() -> None:
    random = np.random.default_rng(5)
    rows = rounded("cosine", 3 + 0.3 * random_vectors(2000)).astype(np.float32)
    rows = (rows * random.uniform(0.9996, 1.0004, (2000, 1))).astype(np.float16)
    index, oracle = LSHIndex.build(range(2000), rows), Oracle("cosine")
    oracle.add(range(2000), rows)
    queries = 3 + 0.3 * random_vectors(20, seed=6)
    ids, far = oracle.search(queries, K)
    np.testing.assert_array_equal(index.search(queries, K).ids, ids)
    radius = float(far[:, 4:6].mean())
    expected = [id_ for ids, _ in oracle.within(queries, radius) for id_ in ids]
    assert index.within(queries, radius, exact=True).ids.tolist() == expected


def test_a_lone_query_is_prepared_for_once(tmp_path: Path) -> None:
    index = Halved("cosine", tmp_path).index
    queries = random_vectors(3, seed=7)
    together = index.search(queries, K, probes=3)  # loads the kernels
    alone = [index.search(query, K, probes=3) for query in queries]
    assert len(index._alone._prepared) == 1
    np.testing.assert_array_equal(np.concatenate([one.ids for one in alone]), together.ids)
