"""The tail of strangers against distributions whose shares are known."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.calibration.tail import Tail


def test_shares_of_an_exponential_are_those_of_its_formula() -> None:
    drawn = np.random.default_rng(0).exponential(0.8, 200_000)
    tail = Tail.of(drawn, np.ones(len(drawn)))
    assert tail.pairs == 200_000
    for share, within in ((0.5, 1.05), (1e-2, 1.1), (1e-3, 1.2), (1e-5, 2.0), (1e-7, 3.0)):
        found = tail.shares_of(np.array([-0.8 * np.log(share)]))[0]
        assert share / within < found < share * within


def test_a_bounded_distribution_is_never_said_to_be_rarer_than_it_is() -> None:
    drawn = np.random.default_rng(1).beta(2, 5, 100_000)
    tail = Tail.of(drawn, np.ones(len(drawn)))
    fresh = np.random.default_rng(2).beta(2, 5, 1_000_000)
    for score in (0.5, 0.7, 0.8, 0.85, 0.9):
        assert tail.shares_of(np.array([score]))[0] > (fresh >= score).mean() / 1.3


def test_weights_stand_for_pairs_that_were_left_out() -> None:
    drawn = np.sort(np.random.default_rng(3).exponential(1, 100_000))[::-1]
    some = np.r_[0:500, 500:100_000:20]
    weights = np.where(some < 500, 1.0, 20.0)
    whole, part = Tail.of(drawn, np.ones(len(drawn))), Tail.of(drawn[some], weights)
    assert part.pairs == pytest.approx(whole.pairs, rel=0.001)
    scores = np.linspace(0, 15, 40)
    assert part.shares_of(scores) == pytest.approx(whole.shares_of(scores), rel=0.1)


def test_shares_fall_from_1_and_never_reach_0() -> None:
    drawn = np.random.default_rng(4).normal(0, 1, 5000)
    shares = Tail.of(drawn, np.ones(len(drawn))).shares_of(np.linspace(-10, 40, 500))
    assert shares[0] == 1
    assert (np.diff(shares) <= 0).all()
    assert shares[-1] > 0


def test_equal_scores_are_one_step() -> None:
    tail = Tail.of(np.repeat([0.0, 1.0], [900, 100]), np.ones(1000))
    assert tail.shares_of(np.array([0.0, 1.0])).tolist() == pytest.approx([1.0, 0.1], abs=0.01)
    assert tail.shares_of(np.array([12.0]))[0] < 1e-6
