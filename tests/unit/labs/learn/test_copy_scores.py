from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from lookalike.labs.learn.copy_scores import (
    CANDIDATES,
    border,
    joined,
    micro_average_precision,
    normalised,
    passing,
    summarised,
)


def _case(seed: int, *, steps: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores of 60 queries with 90 pictures, true pairs somewhat higher; with steps, many are equal."""
    random = np.random.default_rng(seed)
    scores = random.standard_normal((60, 90))
    originals = np.where(np.arange(60) % 3 == 0, -1, random.integers(90, size=60))
    for query, original in enumerate(originals):
        if original >= 0:
            scores[query, original] += 2 * random.random() + 1
    if steps:
        scores = np.round(scores * steps) / steps
    return scores.astype(np.float32), originals


def _plain_micro_average_precision(scores: NDArray[np.float32], originals: NDArray[np.int64]) -> float:
    """One ranking of all pairs that are among the best 20 of their query, false ones first among equals."""
    ranking = []
    for row, original in zip(scores.tolist(), originals.tolist(), strict=True):
        best = sorted(enumerate(row), key=lambda pair: -pair[1])[:CANDIDATES]
        ranking += [(-score, picture == original) for picture, score in best]
    hits, total = 0, 0.0
    for rank, (_, is_true) in enumerate(sorted(ranking), start=1):
        if is_true:
            hits += 1
            total += hits / rank
    return total / sum(original >= 0 for original in originals.tolist())


class TestMicroAveragePrecision:
    @pytest.mark.parametrize("seed", range(4))
    def test_against_a_plain_ranking(self, seed: int) -> None:
        scores, originals = _case(seed)
        found = micro_average_precision(summarised(scores, originals, 10))
        assert found == pytest.approx(_plain_micro_average_precision(scores, originals), abs=1e-12)
        assert 0.1 < found < 0.9

    @pytest.mark.parametrize("seed", range(4))
    def test_against_scikit_learn(self, seed: int) -> None:
        """Which knows of no pairs but those that it is given, so its positives are fewer."""
        scores, originals = _case(seed)
        pairs = summarised(scores, originals, 10)
        given = average_precision_score(pairs.true.ravel(), pairs.best.ravel())
        expected = given * pairs.true.sum() / (originals >= 0).sum()
        assert micro_average_precision(pairs) == pytest.approx(expected, abs=1e-9)

    def test_by_hand(self) -> None:
        """Ranked: 0.9 true, 0.8 false, 0.7 true, 0.6 false; the third true pair is not among the scores."""
        scores = np.array([[0.9, 0.6, 0.1], [0.8, 0.7, 0.0], [-np.inf, 0.2, 0.3]], np.float32)
        pairs = summarised(scores, np.array([0, 1, 0]), 9)
        assert micro_average_precision(pairs) == pytest.approx((1 + 2 / 3) / 3)

    def test_equal_scores_never_pay(self) -> None:
        """All pairs equal: the two true ones are counted last, behind four false ones."""
        pairs = summarised(np.ones((2, 3), np.float32), np.array([0, 0]), 9)
        assert micro_average_precision(pairs) == pytest.approx((1 / 5 + 2 / 6) / 2)

    def test_a_query_without_original_that_scores_high_costs(self) -> None:
        scores = np.array([[0.5, 0.1, 0.0, 0.0], [0.9, 0.8, 0.0, 0.0]], np.float32)
        alone = micro_average_precision(summarised(scores[:1], np.array([0]), 9))
        assert alone == 1
        assert micro_average_precision(summarised(scores, np.array([0, -1]), 9)) == pytest.approx(1 / 3)

    def test_nothing_found_is_zero(self) -> None:
        scores = np.full((1, 30), 0.5, np.float32)
        scores[0, 3] = -1
        assert micro_average_precision(summarised(scores, np.array([3]), 9)) == 0


class TestBorder:
    @pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
    @pytest.mark.parametrize("steps", [0, 4])
    def test_against_all_false_pairs(self, rate: float, steps: int) -> None:
        scores, originals = _case(7, steps=steps)
        false = [
            score
            for row, original in zip(scores.tolist(), originals.tolist(), strict=True)
            for picture, score in enumerate(row)
            if picture != original
        ]
        allowed = int(rate * len(false))
        found = border(summarised(scores, originals, passing(len(false), rate) + 1), rate)
        assert found.rate == allowed / len(false) <= rate
        passed = sum(score > found.score for score in false)
        assert passed <= allowed
        assert sum(score >= found.score for score in false) > allowed
        if not steps:
            assert passed == allowed

    def test_with_few_pairs_one_may_pass(self) -> None:
        scores = np.array([[0.9, 0.6, 0.1], [0.8, 0.7, 0.0]], np.float32)
        found = border(summarised(scores, np.array([0, 1]), 2), 1e-6)
        assert found == (pytest.approx(0.6), 1 / 4)

    def test_its_pairs_are_counted(self) -> None:
        scores, originals = _case(1)
        assert summarised(scores, originals, 3).false_pairs == 60 * 90 - 40
        assert summarised(scores, originals, 3).false.shape == (3,)


class TestNormalised:
    def test_by_hand(self) -> None:
        scores = np.array([[0.2, 0.9, 0.3, 0.1, 0.4], [5, 1, 2, 3, 4]], np.float32)
        np.testing.assert_allclose(
            normalised(scores), [[-0.1, 0.6, 0.0, -0.2, 0.1], [2, -2, -1, 0, 1]], atol=1e-6
        )

    def test_pairs_that_are_not_considered_stay_so(self) -> None:
        scores = np.array([[0.5, -np.inf, 0.3, 0.3, 0.3, -np.inf]], np.float32)
        found = normalised(scores)
        np.testing.assert_allclose(found[0, [0, 2]], [0.2, 0.0], atol=1e-6)
        assert np.isneginf(found[0, [1, 5]]).all()

    def test_it_levels_pictures_that_resemble_everything(self) -> None:
        scores = np.array([[0.5, 0.1, 0.1, 0.1], [0.8, 0.8, 0.8, 0.8]], np.float32)
        originals = np.array([0, -1])
        plain, counted = (summarised(each, originals, 9) for each in (scores, normalised(scores)))
        assert micro_average_precision(plain) < micro_average_precision(counted) == 1


class TestSummarised:
    def test_first_is_a_chance_among_equals(self) -> None:
        scores = np.array([[3, 3, 1], [3, 3, 1], [3, 1, 1], [2, 2, 2]], np.float32)
        found = summarised(scores, np.array([0, 2, 0, -1]), 9)
        assert found.first.tolist() == [0.5, 0, 1, 0]
        assert found.matched.tolist() == [True, True, True, False]
        assert found.own.tolist() == [3, 1, 3, -np.inf]

    def test_parts_join_to_the_whole(self) -> None:
        scores, originals = _case(5)
        whole = summarised(scores, originals, 17)
        parts = [summarised(scores[rows], originals[rows], 17) for rows in (slice(0, 25), slice(25, 60))]
        for found, expected in zip(joined(parts, 17), whole, strict=True):
            np.testing.assert_array_equal(found, expected)

    def test_scores_given_stay_as_they_are(self) -> None:
        scores, originals = _case(2)
        before = scores.copy()
        summarised(scores, originals, 9)
        np.testing.assert_array_equal(scores, before)
