"""Compiled distances, against the definition in numpy and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

import oracle
from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking, distance
from lookalike.kernels.metrics import METRICS, parse_metric
from twins import Floats

NAMES = (*METRICS, "minkowski:1", "minkowski:2.5", "minkowski:20")


def distances(name: str, query: Floats, rows: Floats) -> list[float]:
    metric = parse_metric(name)
    ranking = Ranking(metric.code, metric.power)
    return [distance(ranking, frozen(query), frozen(rows), row) for row in range(len(rows))]


def some_rows(count: int, dim: int, scale: float = 1.0) -> Floats:
    drawn = np.clip(np.random.default_rng(dim).standard_normal((count, dim)) / 4, -1, 1)
    return (drawn * scale).astype(np.float32)


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-30])
@pytest.mark.parametrize("dim", [1, 2, 33, 512, 600])
@pytest.mark.parametrize("name", NAMES)
def test_they_are_those_of_the_definition(name: str, dim: int, scale: float) -> None:
    rows = some_rows(41, dim, scale)
    rows[1], rows[2], rows[3], rows[4:7] = rows[0], 0, -rows[0], rows[0] * 3
    exact = parse_metric(name).exact(rows[0], rows)
    # Cosine lies between 0 and 2, and rounding is relative to that.
    absolute = 1e-15 if name == "cosine" else 0.0
    np.testing.assert_allclose(distances(name, rows[0], rows), exact, rtol=1e-12, atol=absolute)


@pytest.mark.parametrize("dim", [1, 2, 33, 512])
@pytest.mark.parametrize("name", oracle.METRICS)
def test_they_are_those_of_scikit_learn(name: str, dim: int) -> None:
    rows = some_rows(41, dim)
    rows[2] = 0
    for query in (rows[0], rows[2]):
        expected = oracle.distances(name, query[None], rows)[0]
        np.testing.assert_allclose(distances(name, query, rows), expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-30])
@pytest.mark.parametrize("dim", [1, 2, 33, 512, 600])
@pytest.mark.parametrize("name", NAMES)
def test_equal_vectors_are_at_no_distance_at_all(name: str, dim: int, scale: float) -> None:
    rows = some_rows(9, dim, scale)
    for row in rows:
        assert distances(name, row.copy(), row[None]) == [0]


@pytest.mark.parametrize("name", NAMES)
def test_zeros(name: str) -> None:
    zeros = np.zeros((1, 7), np.float32)
    cosine = name == "cosine"
    assert distances(name, zeros[0], zeros) == [1 if cosine else 0]
    if cosine:
        one = np.eye(7, dtype=np.float32)[:1]
        assert distances(name, one[0], zeros) == distances(name, zeros[0], one) == [1]


def test_near_directions_are_told_apart() -> None:
    """1 minus a dot product would be 0 here; half the square of the angle is right."""
    for angle in (1e-3, 1e-5, 1e-7):
        query = np.array([1, 0], np.float32)
        row = np.array([[1, angle]], np.float32)
        expected = 1 - math.cos(angle) if angle > 1e-4 else angle**2 / 2
        assert distances("cosine", query, row)[0] == pytest.approx(expected, rel=1e-6)


def test_signs_are_counted_and_zero_is_not_positive() -> None:
    query = np.array([1, -1, 0, 0.5, -0.0], np.float32)
    rows = np.array([[2, -2, -1, 1, 0], [2, -2, 1e-45, 1, 0], [-1, 1, 1, 0, 1]], np.float32)
    assert distances("hamming", query, rows) == [0, 1, 5]


@pytest.mark.parametrize("value", [1e15, 1e-30])
def test_high_powers_neither_overflow_nor_vanish(value: float) -> None:
    query, rows = np.full(512, value, np.float32), np.full((1, 512), -value, np.float32)
    expected = 2 * float(np.float32(value)) * 512 ** (1 / 20)
    assert distances("minkowski:20", query, rows)[0] == pytest.approx(expected, rel=1e-12)
