"""The LSH index beyond the common contract: its settings, when it hashes, and its life on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import LSHIndex, Neighbors
from lookalike.index.settings import SCAN_BELOW
from lookalike.kernels.metrics import Metric, parse_metric
from oracle import METRICS, Oracle
from waiting import wait_until_filled

DIM = 8
EVERYTHING = 1 << 20


def some_vectors(count: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


def small(metric: str | Metric = "cosine", **settings: Any) -> LSHIndex:
    """90 rows in the tables, 10 in the tail, 6 of them dead."""
    index = LSHIndex(DIM, metric=metric, **({"tables": 3, "bits": 4} | settings))
    index.add(range(90), some_vectors(90))
    index.settle()
    index.add(range(200, 210), some_vectors(10, seed=1))
    index.remove([0, 17, 44, 89, 201, 209])
    return index


def same(one: Neighbors, other: Neighbors) -> bool:
    return np.array_equal(one.ids, other.ids) and np.array_equal(one.distances, other.distances)


def test_ids() -> None:
    index = small()
    expected = sorted({*range(90), *range(200, 210)} - {0, 17, 44, 89, 201, 209})
    assert index.ids().tolist() == expected
    index.settle()
    assert index.ids().tolist() == expected
    assert LSHIndex(3).ids().tolist() == []


def test_settling_changes_no_exact_answer() -> None:
    index, queries = small(), some_vectors(5, seed=2)
    before = index.search(queries, 20, probes=EVERYTHING)
    assert index.unsettled == 10 + 6
    index.settle()
    assert index.unsettled == 0
    assert same(index.search(queries, 20, probes=EVERYTHING), before)


def test_tables_are_due_when_more_than_1024_rows_wait() -> None:
    index = LSHIndex(DIM, tables=2, bits=3)
    index.add(range(1024), some_vectors(1024))
    assert (index.stale, index.hashed, index.unsettled) == (False, False, 1024)
    index.add([1024], some_vectors(1, seed=1))
    assert index.stale
    wait_until_filled(index)
    assert (index.stale, index.hashed, index.unsettled) == (False, True, 0)
    index.remove(range(1024))
    assert (index.stale, index.unsettled) == (False, 1024)
    index.remove([1024])
    assert (index.stale, index.unsettled, len(index)) == (False, 0, 0)  # nothing is kept of what is gone
    index.settle()
    assert (index.hashed, index.unsettled) == (False, 0)


def test_the_more_rows_the_more_may_wait() -> None:
    index = LSHIndex(DIM, tables=1, bits=4)
    index.add(range(20_000), some_vectors(20_000))
    index.settle()
    index.add(range(20_000, 21_500), some_vectors(1500))
    index.remove(range(500))
    assert (index.stale, index.unsettled, len(index)) == (False, 2000, 21_000)
    index.add(range(30_000, 30_100), some_vectors(100))
    assert (index.stale, index.unsettled, len(index)) == (False, 2100, 21_100)
    index.remove([600, 601])
    index.add(range(40_000, 40_020), some_vectors(20))
    assert index.stale
    wait_until_filled(index)
    assert index.unsettled == 0
    found = index.search(some_vectors(1500), 1, probes=1)
    assert (found.ids[602:, 0] == np.arange(602, 1500)).mean() > 0.99
    assert found.work.candidates < 1500 * 21_000 / 4  # what was added lies in buckets now


def test_rows_outside_the_tables_are_all_met() -> None:
    index, later = LSHIndex(DIM, tables=2, bits=5), some_vectors(700, seed=7)
    index.add(range(3000), some_vectors(3000))
    index.settle()
    index.add(range(5000, 5700), later)
    found = index.search(later, 1, probes=1)
    assert found.ids[:, 0].tolist() == list(range(5000, 5700))
    assert found.work.candidates >= 700 * 700


@pytest.mark.parametrize(("given", "buckets"), [({"tables": 2}, 2 * 16), ({"bits": 3}, 8)], ids=str)
def test_either_setting_alone_asks_for_tables(given: dict[str, Any], buckets: int) -> None:
    index = LSHIndex(DIM, **given)
    index.add(range(40), some_vectors(40))
    index.settle()
    assert index.hashed
    assert index.search(some_vectors(1), 3, probes=EVERYTHING).work.probes == buckets


def test_left_open_it_scans_until_there_are_many_rows() -> None:
    vectors = some_vectors(SCAN_BELOW, dim=24)
    index = LSHIndex(24)
    index.add(range(SCAN_BELOW - 1), vectors[:-1])
    assert (index.hashed, index.stale, index.recall_curve()) == (False, False, ())
    index.settle()
    assert (index.hashed, index.unsettled) == (False, 0)
    index.add([SCAN_BELOW], vectors[-1:])
    assert (index.stale, index.unsettled) == (False, 1)
    index.settle()
    assert index.hashed
    assert index.search(vectors[:1], 1, probes=EVERYTHING).work.probes == 158  # cells
    curve = index.recall_curve()
    assert len(curve) > 5
    found = index.search(vectors[:50], 1, recall=curve[0].lower)
    assert 0 < found.work.distances < 50 * 1000
    np.testing.assert_allclose(found.distances, 0, atol=1e-6)
    index.remove(range(100))
    assert index.hashed
    index.settle()
    assert (index.hashed, index.recall_curve()) == (False, ())


@pytest.mark.parametrize("own", METRICS)
@pytest.mark.parametrize("other", METRICS)
def test_ranking_by_another_metric(own: str, other: str) -> None:
    index = LSHIndex(DIM, metric=own, tables=3, bits=4)
    oracle = Oracle(other)
    vectors, queries = some_vectors(90) * 5, some_vectors(4, seed=1) * 3
    index.add(range(20), vectors[:20])
    index.settle()
    index.add(range(20, 90), vectors[20:])
    if own == "cosine":  # whose rows and queries have length 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    oracle.add(range(90), vectors)
    expected, far = oracle.search(queries, 12)
    ways: list[dict[str, Any]] = [{"exact": True}, {"probes": EVERYTHING}, {"recall": 1.0}]
    for way in ways:
        found = index.search(queries, 12, metric=other, **way)
        np.testing.assert_array_equal(found.ids, expected)
        np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
    assert index.metric == parse_metric(own)


def test_a_bad_ranking_metric_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown metric 'chebyshev'"):
        small().search(some_vectors(1), 3, metric="chebyshev")


@pytest.mark.parametrize(
    "settings",
    [
        {"tables": 0}, {"tables": 65}, {"tables": 1.5}, {"tables": "4"}, {"bits": 0}, {"bits": 21},
        {"bits": 3.0}, {"seed": -1}, {"seed": 0.5}, {"seed": None}, {"planes": "random"},
        {"cells": 0}, {"cells": True}, {"cells": 4097}, {"cells": "4"}, {"cells": 3, "tables": 1},
        {"cells": 3, "bits": 4},
    ],
    ids=str,
)  # fmt: skip
def test_bad_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        LSHIndex(DIM, **settings)


def test_seeds_and_planes_make_different_tables() -> None:
    queries = some_vectors(30, seed=5)

    def answers(**settings: Any) -> Neighbors:
        return small(**settings).search(queries, 10, probes=1)

    assert same(answers(seed=3), answers(seed=3))
    assert not same(answers(seed=3), answers(seed=4))
    assert not same(answers(seed=3), answers(seed=3, planes="gaussian"))


def _of_one_row() -> LSHIndex:
    index = LSHIndex(1, tables=1, bits=1)
    index.add([2**63 - 1], [[3.5]])
    return index


EVERY_SETTING: dict[str, Callable[[], LSHIndex]] = {
    "empty": lambda: LSHIndex(DIM, metric="hamming"),
    "empty with tables": lambda: LSHIndex(DIM, tables=2, bits=3, seed=5),
    "left open": lambda: small(tables=None, bits=None),
    "principal": small,
    "gaussian": lambda: small("euclidean", planes="gaussian", seed=2**40),
    "cells": lambda: small("euclidean", tables=None, bits=None, cells=7),
    "one row": _of_one_row,
    "a long exponent": lambda: small(Metric("minkowski", 1.123456789012345)),
}


@pytest.mark.parametrize("setting", EVERY_SETTING)
def test_a_saved_index_comes_back_as_it_was(setting: str, tmp_path: Path) -> None:
    index = EVERY_SETTING[setting]()
    index.save(tmp_path / "index")
    loaded = LSHIndex.load(tmp_path / "index")
    assert (len(loaded), loaded.dim, loaded.hashed) == (len(index), index.dim, index.hashed)
    assert loaded.metric == index.metric
    assert loaded.recall_curve() == index.recall_curve()
    assert loaded.ids().tolist() == index.ids().tolist()
    assert loaded.unsettled == index.unsettled == 0
    queries = some_vectors(9, seed=6, dim=index.dim)
    ways: list[dict[str, Any]] = [{}, {"probes": 2}, {"recall": 0.5}, {"exact": True}]
    for way in ways:
        one, other = index.search(queries, 7, **way), loaded.search(queries, 7, **way)
        assert same(one, other)
        assert one.work == other.work
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "index").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "index"]


def test_a_loaded_index_lives_on_and_can_be_saved_over_its_own_file(tmp_path: Path) -> None:
    path, oracle = tmp_path / "index", Oracle("cosine")
    vectors = some_vectors(60)
    index = LSHIndex(DIM, tables=3, bits=4, seed=1)
    index.add(range(30), vectors[:30])
    oracle.add(range(30), vectors[:30])
    for start in (30, 40, 50):
        index.save(path)
        index = LSHIndex.load(path)
        index.remove(range(start - 30, start - 25))
        index.add(range(start, start + 10), vectors[start : start + 10])
        oracle.remove(range(start - 30, start - 25))
        oracle.add(range(start, start + 10), vectors[start : start + 10])
        found = index.search(vectors, 60, probes=EVERYTHING)
        np.testing.assert_array_equal(found.ids, oracle.search(vectors, 60)[0])
    assert [file.name for file in tmp_path.iterdir()] == ["index"]


def test_saving_settles(tmp_path: Path) -> None:
    index = LSHIndex(DIM, tables=2, bits=3)
    index.add(range(20), some_vectors(20))
    assert not index.hashed
    index.save(tmp_path / "index")
    assert index.hashed
    assert LSHIndex.load(tmp_path / "index").hashed
