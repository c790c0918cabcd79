from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import phone_screenshot, screenshot
from waves import pixels, wavy


def test_a_screenshot_holds_the_picture_below_a_bar_and_between_margins() -> None:
    image = wavy(400, 300)
    taken = screenshot(image, quality=90)
    margin = (taken.width - image.width) // 2
    assert margin > 8
    assert taken.height > image.height + 3 * margin
    levels = pixels(taken)
    np.testing.assert_allclose(levels[2, 2], (222, 225, 230), atol=6)
    top = round(2.6 * margin)
    inside = levels[top : top + 300, margin : margin + 400]
    assert np.abs(inside - pixels(image)).mean() < 4
    np.testing.assert_allclose(levels[top + 150, margin // 2], (250, 250, 251), atol=6)


def test_a_screenshot_of_a_huge_picture_fits_a_screen() -> None:
    taken = screenshot(wavy(1600, 800))
    assert 1080 < taken.width < 1300
    assert 540 < taken.height < 900


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_a_phone_shows_the_picture_at_full_width_in_the_middle_of_a_tall_screen(dark: bool) -> None:
    image = wavy(360, 240)
    screen = pixels(phone_screenshot(image, quality=95, dark=dark))
    assert screen.shape == (780, 360, 3)
    assert np.abs(screen[270:510] - pixels(image)).mean() < 4
    ground, ink = (0, 255) if dark else (255, 0)
    for empty in (screen[90:260], screen[520:680]):
        assert np.abs(empty - ground).max() < 12
    for bar in (screen[:80], screen[700:]):
        marked = np.abs(bar.mean(axis=2) - ink) < 60
        assert 0.005 < marked.mean() < 0.2


def test_a_phone_shows_a_very_tall_picture_between_its_bars() -> None:
    screen = pixels(phone_screenshot(Image.new("RGB", (300, 1500), (200, 30, 30)), quality=95))
    assert screen.shape == (650, 300, 3)
    red = screen[..., 0] - screen[..., 1] > 100
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert 60 < rows.min() < rows.max() < 590
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(5, rel=0.03)
    assert columns.mean() == pytest.approx(149.5, abs=1)


def test_a_phone_is_no_wider_than_1080_pixels() -> None:
    assert phone_screenshot(wavy(1600, 900)).size == (1080, 2340)
