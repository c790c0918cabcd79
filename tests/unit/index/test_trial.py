"""A trial of tables: what is asked, what is hidden, and what is learned from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index import estimate, trial, tuning
from lookalike.index.estimate import Judge
from lookalike.index.hashed import fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Rows
from lookalike.kernels.metrics import parse_metric
from oracle import distances

DIM, CELLS = 40, HashSpec(1, 0, cells=40)


def some_rows(count: int = 4000, metric: str = "euclidean") -> Rows:
    vectors = np.random.default_rng(0).standard_normal((count, DIM)) * np.geomspace(1, 0.1, DIM)
    prepared = parse_metric(metric).prepare(vectors.astype(np.float32))
    rows = Rows(DIM, np.arange(count - 500), prepared[:-500])
    rows.add(np.arange(count, count + 500), prepared[-500:])
    rows.remove(range(0, 300, 3))
    return rows


class Heard:
    """What the fit was given."""

    def __init__(self) -> None:
        self.gaps: NDArray[np.float32] = np.empty((0, 3), np.float32)
        self.recall: NDArray[np.float64] = np.empty(0)
        self.fit = estimate.fit

    def __call__(self, gaps: NDArray[np.float32], recall: NDArray[np.float64]) -> Any:
        self.gaps, self.recall = gaps, recall
        return self.fit(gaps, recall)


def learned(rows: Rows, spec: HashSpec, metric: str) -> Judge:
    blocks, kind = rows.blocks(), parse_metric(metric)
    hashed = fill(blocks, spec)
    curves = tuning.measure_recall(blocks, hashed, kind, np.random.default_rng(0))
    return trial.learn(blocks, hashed, curves, kind, np.random.default_rng(0))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """So few rows are scanned faster than searched in any other way: pretend not."""
    monkeypatch.setattr(tuning, "_SCANNED_ROW", 1e9)
    listening = Heard()
    monkeypatch.setattr(estimate, "fit", listening)
    return listening


@pytest.mark.parametrize(("metric", "queries"), [("euclidean", 72), ("cosine", 72), ("manhattan", 18)])
def test_answers_at_two_efforts_are_learned_from(heard: Heard, metric: str, queries: int) -> None:
    weights, farthest, share = learned(some_rows(metric=metric), CELLS, metric)
    assert 0 < farthest < np.inf
    assert share == pytest.approx(0.6)  # of 40 numbers a code holds all
    np.testing.assert_array_equal(weights, heard.fit(heard.gaps, heard.recall))
    assert (weights != estimate.USUAL).any()
    assert heard.gaps.shape in ((2 * queries, 3), (queries, 3))  # 0.99 may be out of reach
    like = slice(0, queries * 32 // 72)
    less, more = heard.recall[:queries], heard.recall[-queries:]
    assert less[like].mean() > 0.8
    if queries == 72:  # 18 are too few to tell
        assert less[like].mean() > less[like.stop :].mean()
    assert more.mean() >= less.mean()


def test_recall_is_that_of_what_is_not_hidden(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an effort that keeps everything, all neighbours but the hidden are found."""
    everything = tuning.RecallPoint(np.inf, 10**6, 10**6, 1.0, 1.0, 1.0, 1.0)
    monkeypatch.setattr(tuning, "effort_for", lambda *_: everything)
    learned(some_rows(), CELLS, "euclidean")
    assert len(heard.recall) == 72
    assert (heard.recall == 1).all()


def test_the_true_neighbours_are_those_of_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some_rows()
    blocks = trial._without(rows.blocks(), np.arange(300, 364))
    queries = np.random.default_rng(5).standard_normal((7, DIM)).astype(np.float32)
    far = trial._farthest(blocks, queries, parse_metric("euclidean"), lambda: None)
    alive = np.concatenate([block.alive for block in blocks])
    assert alive.sum() == len(rows) - 64
    vectors = np.concatenate([block.vectors for block in blocks])[alive]
    np.testing.assert_allclose(far, np.sort(distances("euclidean", queries, vectors))[:, 9], rtol=1e-6)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("count", "spec"), [(1100, CELLS), (4000, HashSpec(2, 5))], ids=["few rows", "two tables"]
)
def test_where_nothing_can_be_tried_weights_are_the_usual_ones(count: int, spec: HashSpec) -> None:
    assert learned(some_rows(count), spec, "euclidean") == Judge(estimate.USUAL, np.inf)
