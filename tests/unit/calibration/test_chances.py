"""Chances: what is never claimed, how what ships and what was measured are pooled, and what ships."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lookalike.calibration import Calibration, shipping
from lookalike.calibration.background import Background
from lookalike.calibration.tail import Tail
from lookalike.embed import load_embedder

HIGH = np.array([40.0])


def own(pairs: int) -> Tail:
    """Strangers of a collection that score far lower than those that ship."""
    drawn = np.random.default_rng(0).exponential(0.1, 2000) - 10
    return replace(Tail.of(drawn, np.ones(2000)), pairs=pairs)


def calibration(pairs: int, fingerprint: str | None = None) -> Calibration:
    return Calibration(fingerprint or shipping.fingerprint(), 100, Background.none(), own(pairs))


def test_what_is_not_verified_is_never_beyond_doubt() -> None:
    shipped = Calibration.shipped(shipping.fingerprint())
    for looks in ([9.9], [0.0], [None]):
        assert shipped.chances(HIGH, looks)[0] == 1e-5
    verified = shipped.chances(HIGH, [10.0])[0]
    assert 1e-12 <= verified < 1e-6


def test_what_differs_in_a_detail_is_no_copy_at_any_rate() -> None:
    shipped = Calibration.shipped(shipping.fingerprint())
    scores = shipped.scores(np.array([0.99], np.float32), 0.0, np.zeros(1, np.float32), [-1.0])
    assert shipped.chances(scores, [-1.0])[0] > 0.9


def test_a_verified_copy_passes_the_default_rate_in_a_new_collection() -> None:
    shipped = Calibration.shipped(shipping.fingerprint())
    assert shipped.levels(np.ones((2, 4), np.float32)).tolist() == [0, 0]
    looks = [20.0, 0.0]
    scores = shipped.scores(np.array([0.6, 0.1], np.float32), 0.0, np.zeros(2, np.float32), looks)
    chances = shipped.chances(scores, looks)
    assert chances[0] < 1e-6
    assert chances[1] > 0.05


def test_a_small_collection_leans_on_what_ships_and_a_large_one_on_its_own() -> None:
    score = np.array([2.0])
    ships = shipping.levelled().shares_of(score)[0]
    small, even, large = (
        calibration(pairs).chances(score, [None])[0] for pairs in (10, shipping.PAIRS, 100 * shipping.PAIRS)
    )
    assert small == pytest.approx(ships, rel=0.01)
    assert even == pytest.approx(ships / 2, rel=0.01)
    assert large == pytest.approx(ships / 101, rel=0.01)


def test_strangers_of_another_embedder_do_not_count() -> None:
    assert calibration(100, "0" * 32).chances(np.array([20.0]), [20.0])[0] == 1e-12


def test_what_ships_was_measured_with_the_bundled_network() -> None:
    assert shipping.fingerprint() == load_embedder("lite0").fingerprint
    assert shipping.levelled().sound()
    assert shipping.plain().sound()
    assert min(shipping.levelled().pairs, shipping.plain().pairs) > 100_000
