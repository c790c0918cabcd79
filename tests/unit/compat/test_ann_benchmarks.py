"""The adapter, driven as ann-benchmarks' runner drives an algorithm."""

from __future__ import annotations

import importlib
import resource
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.compat.ann_benchmarks import Lookalike
from lookalike.errors import UsageError
from oracle import Oracle

Floats = NDArray[np.float32]
COUNT = 10


def data(rows: int, seed: int) -> Floats:
    """Rows of any length around a few centres."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(9).standard_normal((12, 24))
    chosen = centres[random.integers(12, size=rows)] * 2
    return np.asarray(chosen + random.standard_normal(chosen.shape), np.float32)


def run(algorithm: Any, train: Floats, test: Floats, groups: list[list[Any]], *, batch: bool) -> list[Any]:
    """A runner's round: memory, fit, then for each group of arguments all queries."""
    before = algorithm.get_memory_usage()
    algorithm.fit(train)
    assert isinstance(algorithm.get_memory_usage() - before, float)
    rounds = []
    for group in groups:
        algorithm.set_query_arguments(*group)
        if batch:
            algorithm.batch_query(test, COUNT)
            answers = algorithm.get_batch_results()
        else:
            answers = [algorithm.query(query, COUNT) for query in test]
        for answer in answers:
            assert len(answer) == len(set(answer))
        rounds.append(([[int(row) for row in answer] for answer in answers], algorithm.get_additional()))
    return rounds


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(("theirs", "ours"), [("angular", "cosine"), ("euclidean", "euclidean")])
def test_a_run(theirs: str, ours: str, batch: bool) -> None:
    train, test = data(600, 0), data(20, 1)
    oracle = Oracle(ours)
    oracle.add(range(600), train)
    expected = oracle.search(test, COUNT)[0].tolist()
    (some, _), (everything, additional) = run(Lookalike(theirs, 3), train, test, [[0.8], [1.0]], batch=batch)
    assert everything == expected
    assert additional == {"dist_comps": 600, "probes": 0, "candidates": 0}
    hits = [len(set(found) & set(true)) / COUNT for found, true in zip(some, expected, strict=True)]
    assert np.mean(hits) >= 0.8


def test_fewer_rows_than_asked_for() -> None:
    algorithm = Lookalike("euclidean")
    algorithm.fit(np.array([[3.0, 0.0], [1.0, 0.0]]))
    assert algorithm.query(np.array([0.0, 0.0]), 5).tolist() == [1, 0]
    algorithm.batch_query(np.array([[4.0, 0.0]]), 5)
    assert [answer.tolist() for answer in algorithm.get_batch_results()] == [[0, 1]]


def test_names_tell_settings_apart() -> None:
    algorithm = Lookalike("angular", 4)
    algorithm.set_query_arguments(0.9)
    assert str(algorithm) == "Lookalike(angular, tables=4, recall=0.9)"
    assert str(Lookalike("euclidean")) == "Lookalike(euclidean, recall=0.95)"


def test_done_lets_go() -> None:
    algorithm = Lookalike("euclidean")
    algorithm.fit(data(50, 0))
    algorithm.done()
    algorithm.batch_query(np.empty((0, 1)), 3)
    assert algorithm.get_batch_results() == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_is_that_of_the_process() -> None:
    usage = Lookalike("euclidean").get_memory_usage()
    assert 1000 < usage <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.05


def test_other_metrics_are_refused() -> None:
    with pytest.raises(UsageError, match="angular, euclidean, not 'jaccard'"):
        Lookalike("jaccard")


def test_the_documented_module_gives_the_constructor() -> None:
    module = importlib.import_module("lookalike.compat.ann_benchmarks")
    assert "from lookalike.compat.ann_benchmarks import Lookalike" in (module.__doc__ or "")
    assert "constructor: Lookalike\n" in (module.__doc__ or "")
