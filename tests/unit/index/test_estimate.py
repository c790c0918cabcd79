"""Weights of estimates: found again from answers drawn by them, and drawn towards the usual ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from lookalike.errors import UsageError
from lookalike.index import estimate

Floats = NDArray[np.float32]
OTHERS = np.array([[-2.0, -0.5, -1.5], [9.0, 2.0, 4.5]], np.float32)


def drawn(count: int, weights: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Gaps, and the share of ten neighbours that each answer holds."""
    random = np.random.default_rng(0)
    gaps = (random.random((count, 3)) * [1, 3, 3]).astype(np.float32)
    passing = 1 / (1 + np.exp(-(weights[0] + weights[1] * gaps)))
    return gaps, random.binomial(10, passing.prod(axis=1)) / 10


def by_scipy(gaps: NDArray[np.float32], recall: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same minimum, by another program."""

    def loss(flat: NDArray[np.float64]) -> float:
        weights = flat.reshape(2, 3)
        found = np.clip((1 / (1 + np.exp(-(weights[0] + weights[1] * gaps)))).prod(axis=1), 1e-6, 1 - 1e-6)
        unusual = ([[2.0], [0.6]] * (weights - estimate.USUAL) ** 2).sum() / 2
        return float(unusual - (recall * np.log(found) + (1 - recall) * np.log(1 - found)).sum())

    bounds = [(None, None)] * 3 + [(0, None)] * 3
    return np.asarray(minimize(loss, estimate.USUAL.ravel(), bounds=bounds).x.reshape(2, 3))


@pytest.mark.parametrize("count", [1, 20, 150])
def test_weights_are_the_likeliest_that_are_not_too_unusual(count: int) -> None:
    gaps, recall = drawn(count, OTHERS)
    found = estimate.fit(gaps, recall)
    assert (found.shape, found.dtype) == ((2, 3), np.float32)
    np.testing.assert_allclose(found, by_scipy(gaps, recall), atol=0.05)


def test_many_answers_speak_for_themselves_and_few_do_not() -> None:
    np.testing.assert_allclose(estimate.fit(*drawn(60_000, OTHERS)), OTHERS, atol=0.4)
    np.testing.assert_allclose(estimate.fit(*drawn(1, OTHERS)), estimate.USUAL, atol=1)


def test_a_wider_gap_never_speaks_against_an_answer() -> None:
    gaps, recall = drawn(500, OTHERS)
    assert (estimate.fit(gaps, 1 - recall)[1] >= 0).all()
    for perfect in (np.zeros(500), np.ones(500)):
        assert np.isfinite(estimate.fit(gaps, perfect)).all()


@pytest.mark.parametrize(
    "weights",
    [OTHERS.astype(np.float64), OTHERS[0], OTHERS.T, np.where(OTHERS > 8, np.inf, OTHERS), OTHERS * np.nan],
    ids=["float64", "a row", "turned", "infinite", "no numbers"],
)
def test_weights_of_a_file_that_make_no_sense(weights: NDArray[np.generic]) -> None:
    with pytest.raises(UsageError, match=r"float32 of shape \(2, 3\)"):
        estimate.checked(weights, np.array([3.0]), np.array([0.5]))
    judge = estimate.checked(OTHERS, np.array([3.0]), np.array([0.5]))
    np.testing.assert_array_equal(judge.weights, OTHERS)
    assert (judge.farthest, judge.share) == (3, 0.5)
    for farthest in (np.array([-1.0]), np.array([np.nan]), np.ones(2), np.ones(1, np.float32)):
        with pytest.raises(UsageError, match="farthest"):
            estimate.checked(OTHERS, farthest, np.array([0.5]))
    for share in (np.array([-0.1]), np.array([1.1]), np.array([np.nan]), np.ones(2), np.ones(1, np.float32)):
        with pytest.raises(UsageError, match="share"):
            estimate.checked(OTHERS, np.array([3.0]), share)
