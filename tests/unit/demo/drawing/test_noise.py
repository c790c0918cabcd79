from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.drawing.noise import ridge_line, surface


@pytest.mark.parametrize("bumps", [0.7, 2, 12])
@pytest.mark.parametrize("octaves", [1, 3, 6])
def test_a_ridge_spans_zero_to_one(bumps: float, octaves: int) -> None:
    ridge = ridge_line(np.random.default_rng(3), 200, bumps=bumps, octaves=octaves)
    assert ridge.shape == (200,)
    assert ridge.min() == 0
    assert ridge.max() == 1


def test_more_octaves_are_rougher() -> None:
    climbs = [
        np.abs(np.diff(ridge_line(np.random.default_rng(3), 400, bumps=2, octaves=octaves))).sum()
        for octaves in (1, 6)
    ]
    assert climbs[1] > 1.5 * climbs[0]


def test_roughness_weighs_the_finer_octaves() -> None:
    climbs = [
        np.abs(
            np.diff(ridge_line(np.random.default_rng(3), 400, bumps=2, octaves=6, roughness=roughness))
        ).sum()
        for roughness in (0.3, 0.5, 0.8)
    ]
    assert climbs[0] * 1.2 < climbs[1] < climbs[2] / 1.2


def test_more_bumps_turn_more_often() -> None:
    turns = [
        (
            np.diff(np.sign(np.diff(ridge_line(np.random.default_rng(3), 400, bumps=bumps, octaves=1)))) != 0
        ).sum()
        for bumps in (2, 20)
    ]
    assert turns[1] > 3 * turns[0]


def test_a_surface_spans_zero_to_one_without_jumps() -> None:
    heights = surface(np.random.default_rng(5), 120, 80, cell=40, octaves=1)
    assert heights.shape == (80, 120)
    assert heights.dtype == np.float32
    assert (heights.min(), heights.max()) == (0, 1)
    assert np.abs(np.diff(heights, axis=0)).max() < 0.12
    assert np.abs(np.diff(heights, axis=1)).max() < 0.12
