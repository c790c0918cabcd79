"""Distances against scikit-learn, and screens against what they promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels import formulas
from lookalike.kernels.metrics import Metric, parse_metric
from oracle import METRICS, distances

ROOT = Path(__file__).resolve().parents[3]
POWERS = (*METRICS, "minkowski:1", "minkowski:2", "minkowski:20")
Floats = NDArray[np.float32]


def some_rows(count: int, dim: int, seed: int, scale: float = 1.0) -> Floats:
    rows = np.clip(np.random.default_rng(seed).standard_normal((count, dim)) / 4, -1, 1) * scale
    return rows.astype(np.float32)


@pytest.mark.parametrize("dim", [1, 2, 17, 512])
@pytest.mark.parametrize("name", POWERS)
def test_exact_is_the_definition(name: str, dim: int) -> None:
    metric = parse_metric(name)
    query, rows = some_rows(1, dim, seed=1), some_rows(50, dim, seed=2)
    rows[:2], rows[2] = query, 0
    found = metric.exact(metric.prepare(query)[0], metric.prepare(rows))
    assert found.dtype == np.dtype("float64")
    np.testing.assert_allclose(found, distances(name, query, rows)[0], rtol=1e-6, atol=2e-7)
    assert found[:2].tolist() == [0, 0]


def test_exact_is_float64_all_through() -> None:
    # In float32 the differences and their sum would lose the last digits.
    query, rows = some_rows(1, 300, seed=3), some_rows(40, 300, seed=4)
    for name in POWERS:
        if name != "cosine":  # whose rows are rounded to float32 when they are scaled to length 1
            found = parse_metric(name).exact(query[0], rows)
            np.testing.assert_allclose(found, distances(name, query, rows)[0], rtol=1e-13)


def test_cosine_from_or_to_zeros_is_one() -> None:
    metric, zero = parse_metric("cosine"), np.zeros(4, np.float32)
    rows = np.array([[0, 0, 0, 0], [1, 0, 0, 0]], np.float32)
    assert metric.exact(zero, rows).tolist() == [1, 1]
    assert metric.exact(rows[1], rows).tolist() == [1, 0]
    assert metric.screen(zero[None], rows).scores.tolist() == [[1, 1]]


def test_cosine_of_unscaled_rows() -> None:
    query, rows = some_rows(1, 9, seed=5) * 7, some_rows(30, 9, seed=6) * 100
    found = parse_metric("cosine").exact(query[0], rows)
    np.testing.assert_allclose(found, distances("cosine", query, rows)[0], atol=1e-9)


def test_hamming_counts_signs_and_zero_is_not_positive() -> None:
    query = np.array([1, -1, 0, 0.5], np.float32)
    rows = np.array([[2, -2, -1, 1], [2, -2, 1, 1], [-1, 1, 1, 0]], np.float32)
    assert parse_metric("hamming").exact(query, rows).tolist() == [0, 1, 4]
    assert parse_metric("hamming").screen(query[None], rows).scores.tolist() == [[0, 1, 4]]


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-12, 1e-20, 1e-22, 1e-38])
@pytest.mark.parametrize("dim", [1, 3, 64, 512])
@pytest.mark.parametrize("name", POWERS)
def test_a_screen_is_no_further_off_than_it_says(name: str, dim: int, scale: float) -> None:
    metric = parse_metric(name)
    queries, rows = some_rows(4, dim, seed=7, scale=scale), some_rows(60, dim, seed=8, scale=scale)
    rows[:4], rows[4] = queries, 0
    rows[5:9] = queries * np.float32(1.0001)
    queries, rows = metric.prepare(queries), metric.prepare(rows)
    scores, absolute, relative = metric.screen(queries, rows)
    assert scores.shape == (4, 60)
    assert absolute.shape == (4,)
    true = np.array([metric.exact(query, rows) for query in queries])
    if metric.formula.squared:
        true **= 2
    off = np.abs(scores.astype(np.float64) - true)
    assert (off <= absolute[:, None] + relative * true).all()


@pytest.mark.parametrize("name", POWERS)
def test_a_distance_has_the_score_that_a_screen_gives_it(name: str) -> None:
    metric = parse_metric(name)
    queries, rows = metric.prepare(some_rows(1, 64, seed=13)), metric.prepare(some_rows(60, 64, seed=14))
    (scores,), (absolute,), relative = metric.screen(queries, rows)
    for far, score in zip(metric.exact(queries[0], rows).tolist(), scores.tolist(), strict=True):
        assert metric.score(far) == pytest.approx(score, rel=relative, abs=absolute)


def test_scores_worked_out_by_hand() -> None:
    for name in POWERS:
        expected = [0, 0.25, 9] if name == "euclidean" else [0, 0.5, 3]
        assert [parse_metric(name).score(far) for far in (0.0, 0.5, 3.0)] == expected


def test_a_screen_narrows_down() -> None:
    """An error bound that covered everything would pass the test above and make a scan useless."""
    queries, rows = some_rows(3, 512, seed=9), some_rows(2000, 512, seed=10)
    for name in POWERS:
        metric = parse_metric(name)
        scores, absolute, relative = metric.screen(metric.prepare(queries), metric.prepare(rows))
        border = np.sort(scores, axis=1)[:, 9].astype(np.float64)
        within = scores <= (border * (1 + 2 * relative) + 2 * absolute)[:, None]
        tied = 300 if name == "hamming" else 20
        assert (within.sum(axis=1) <= tied).all()


def test_blocks_of_a_screen_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    queries, rows = some_rows(3, 5, seed=11), some_rows(41, 5, seed=12)
    for name in ("manhattan", "minkowski"):
        whole = parse_metric(name).screen(queries, rows).scores
        with monkeypatch.context() as patch:
            patch.setattr(formulas, "_ELEMENTS_AT_ONCE", 20)
            np.testing.assert_array_equal(parse_metric(name).screen(queries, rows).scores, whole)


@pytest.mark.parametrize("value", [1e15, 1e-20])
def test_high_powers_neither_overflow_nor_vanish(value: float) -> None:
    query, rows = np.full((1, 512), value, np.float32), np.full((1, 512), -value, np.float32)
    metric = parse_metric("minkowski:20")
    expected = 2 * float(np.float32(value)) * 512 ** (1 / 20)
    assert metric.exact(query[0], rows)[0] == pytest.approx(expected, rel=1e-12)
    assert metric.screen(query, rows).scores[0, 0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("cosine", Metric("cosine")),
        (" Euclidean ", Metric("euclidean")),
        ("MANHATTAN", Metric("manhattan")),
        ("minkowski", Metric("minkowski", 3)),
        ("minkowski:1", Metric("minkowski", 1)),
        ("Minkowski:2.5", Metric("minkowski", 2.5)),
        ("minkowski:20", Metric("minkowski", 20)),
        ("hamming", Metric("hamming")),
        (Metric("minkowski", 4.25), Metric("minkowski", 4.25)),
    ],
)
def test_reading_a_metric(text: str | Metric, metric: Metric) -> None:
    assert parse_metric(text) == metric


@pytest.mark.parametrize("name", [*METRICS, "minkowski:1.123456789012345", "minkowski:20", "minkowski:7.0"])
def test_a_metric_reads_back_from_its_text(name: str) -> None:
    metric = parse_metric(name)
    assert parse_metric(str(metric)) == metric


def test_a_metric_shows_itself_as_people_write_it() -> None:
    assert str(Metric("minkowski", 3.0)) == "minkowski:3"
    assert str(Metric("minkowski", 1.5)) == "minkowski:1.5"
    assert str(Metric("cosine")) == "cosine"


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "cos", "cosine:2", "cosine:", "minkowski:", "minkowski:0.99", "minkowski:20.01",
        "minkowski:-2", "minkowski:1e1", "minkowski:inf", "minkowski:nan", "minkowski:3:4", "minkowski:٣",
        "minkowski:" + "9" * 500, None, 3, Metric("straight"), Metric("minkowski", 0.5),
        Metric("minkowski", float("nan")),
    ],
)  # fmt: skip
def test_what_is_no_metric(text: str | Metric) -> None:
    with pytest.raises(UsageError, match="unknown metric"):
        parse_metric(text)


@pytest.mark.parametrize(
    "file",
    [
        "docs/http.md",
        "src/lookalike/cli/options.py",
        "src/lookalike/collection/questions.py",
        "src/lookalike/compat/neighbors.py",
        "src/lookalike/index/lsh.py",
        "src/lookalike/web/routes/common.py",
    ],
)
def test_texts_that_name_the_metrics_name_all(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [name for name in formulas.TABLE if name not in text] == []
