from __future__ import annotations

import math

import numpy as np
import pytest

from lookalike.demo.drawing.canvas import Canvas, path

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def levels(canvas: Canvas) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(canvas.finish())[..., 0] / 255


def test_a_picture_comes_out_at_the_size_asked_for() -> None:
    canvas = Canvas(64, 48)
    assert (canvas.width, canvas.height) == (128, 96)
    assert canvas.unit == pytest.approx(0.96)
    assert canvas.finish().size == (64, 48)


def test_a_disc_has_its_area_and_a_soft_edge() -> None:
    canvas = Canvas(100, 100, BLACK)
    canvas.disc((100, 100), 60, WHITE)
    drawn = levels(canvas)
    assert drawn.sum() == pytest.approx(math.pi * 30**2, rel=0.02)
    assert ((drawn > 0.2) & (drawn < 0.8)).sum() > 40


def test_boxes_without_area_draw_nothing() -> None:
    canvas = Canvas(20, 20, BLACK)
    canvas.box(10, 10, 10, 30, WHITE)
    canvas.box(10, 20, 30, 5, WHITE)
    assert levels(canvas).sum() == 0
    canvas.box(10, 10, 29, 19, WHITE)
    assert levels(canvas).sum() == pytest.approx(10 * 5)


def test_a_gradient_covers_only_its_rows() -> None:
    canvas = Canvas(10, 50, (0, 0, 255))
    canvas.gradient((BLACK, WHITE), top=20, bottom=80)
    column = np.asarray(canvas.finish())[:, 5]
    assert tuple(column[9]) == (0, 0, 255)
    assert tuple(column[40]) == (0, 0, 255)
    assert column[10, 0] < 8
    assert column[39, 0] > 247
    assert (np.diff(column[10:40, 0].astype(int)) >= 0).all()


def test_land_lies_below_its_ridge() -> None:
    canvas = Canvas(100, 100, BLACK)
    canvas.land(np.array([50.0, 150.0]), (WHITE,))
    drawn = levels(canvas)
    assert drawn.sum() == pytest.approx(100 * 50, rel=0.02)
    assert drawn[30, 5] == 1
    assert drawn[60, 95] == 0


def test_land_below_the_canvas_is_not_seen() -> None:
    canvas = Canvas(20, 20, BLACK)
    canvas.land(np.array([50.0, 60.0]), (WHITE,))
    assert levels(canvas).sum() == 0


def test_a_glow_fades_with_the_square_of_the_way_and_ends_at_its_radius() -> None:
    canvas = Canvas(200, 200, BLACK)
    canvas.glow((200, 200), 100, WHITE, 0.8)
    drawn = levels(canvas)
    assert drawn[100, 100] == pytest.approx(0.8, abs=0.03)
    assert drawn[100, 125] == pytest.approx(0.8 * 0.25, abs=0.03)
    assert drawn[100, 152] == 0
    assert drawn[64, 64] == 0


def test_a_veil_is_as_strong_as_asked_for() -> None:
    canvas = Canvas(20, 40, BLACK)
    canvas.veil(WHITE, 0.5, 20, 60)
    drawn = levels(canvas)
    np.testing.assert_allclose(drawn[10:30], 0.5, atol=0.01)
    assert drawn[:10].sum() == drawn[30:].sum() == 0


def test_light_is_as_strong_as_its_map_says_where_it_says() -> None:
    canvas = Canvas(20, 40, BLACK)
    canvas.shine(WHITE, np.array([[0.0], [0.0], [0.6], [0.6]]))
    drawn = levels(canvas)
    np.testing.assert_allclose(drawn[28:], 0.6, atol=0.02)
    np.testing.assert_allclose(drawn[:12], 0, atol=0.02)


def test_a_tint_mixes_its_colour_into_what_lies_below() -> None:
    canvas = Canvas(20, 20, (100, 100, 100))
    canvas.tint([(0, 0), (20, 0), (20, 40), (0, 40)], (200, 100, 0), 0.25)
    drawn = np.asarray(canvas.finish()).astype(int)
    np.testing.assert_allclose(drawn[5, 4], (125, 100, 75), atol=1)
    np.testing.assert_array_equal(drawn[5, 15], (100, 100, 100))


def test_still_water_shows_what_is_above_upside_down_and_tinted() -> None:
    canvas = Canvas(20, 20, BLACK)
    canvas.box(0, 16, 40, 19, WHITE)  # rows 8 and 9 of the picture
    canvas.mirror(24, WHITE, 0.2)
    rows = levels(canvas)[:, 10]
    np.testing.assert_allclose(rows[12:], [0.2, 0.2, 1, 1, 0.2, 0.2, 0.2, 0.2], atol=0.02)
    np.testing.assert_allclose(rows[:12], [0] * 8 + [1, 1, 0, 0], atol=0.02)


def test_grain_is_of_the_given_strength_and_without_bias() -> None:
    canvas = Canvas(120, 120, (128, 128, 128))
    grainy = np.asarray(canvas.finish(np.random.default_rng(1), 3.0))[..., 0].astype(float)
    assert grainy.std() == pytest.approx(3, rel=0.05)
    assert grainy.mean() == pytest.approx(127.5, abs=0.2)  # levels are cut, not rounded


def test_a_path_pairs_its_coordinates() -> None:
    assert path(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == [(1.0, 3.0), (2.0, 4.0)]
