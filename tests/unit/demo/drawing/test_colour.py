from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.drawing.colour import from_oklab, lightness, mix, ramp, to_oklab


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), (1.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 255, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 255), (0.45201, -0.03246, -0.31153)),
    ],
    ids=["white", "black", "red", "green", "blue"],
)
def test_oklab_agrees_with_the_values_in_css_color_4(
    colour: tuple[int, int, int], expected: tuple[float, float, float]
) -> None:
    np.testing.assert_allclose(to_oklab(colour), expected, atol=2e-4)


def test_oklab_and_back_is_the_identity() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (500, 3), dtype=np.uint8)
    np.testing.assert_array_equal(from_oklab(to_oklab(colours)), colours)


def test_a_ramp_passes_through_its_stops() -> None:
    stops = [(10, 20, 30), (200, 100, 50), (255, 250, 240)]
    steps = ramp(stops, 21)
    assert steps.shape == (21, 3)
    np.testing.assert_array_equal(steps[[0, 10, 20]], stops)


def test_a_ramp_of_one_colour_is_flat() -> None:
    np.testing.assert_array_equal(ramp([(9, 8, 7)], 4), [(9, 8, 7)] * 4)


def test_the_middle_of_a_mix_has_the_middle_lightness() -> None:
    orange, blue = (240, 140, 20), (30, 60, 200)
    middle = lightness(mix(orange, blue, 0.5))
    assert middle == pytest.approx((lightness(orange) + lightness(blue)) / 2, abs=0.005)
    assert mix(orange, blue, 0) == orange
    assert mix(orange, blue, 1) == blue
