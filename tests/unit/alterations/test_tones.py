from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import add_noise, blur, brighten, encode_jpeg, grey, posterise, recolour
from waves import flat, pixels, wavy


def test_jpeg_differs_the_more_the_lower_its_quality_but_stays_close() -> None:
    image = wavy()
    errors = [np.abs(pixels(encode_jpeg(image, quality)) - pixels(image)).mean() for quality in (40, 30, 10)]
    assert 0 < errors[0] < errors[1] < errors[2] < 12


def test_brightness_multiplies_and_stops_at_white() -> None:
    assert brighten(flat(100), 1.3).getpixel((0, 0)) == (130, 130, 130)
    assert brighten(flat(220), 1.3).getpixel((0, 0)) == (255, 255, 255)


def test_grey_has_equal_channels_of_the_right_lightness() -> None:
    levels = pixels(grey(wavy()))
    assert (np.ptp(levels, axis=2) == 0).all()
    assert grey(Image.new("RGB", (20, 20), (255, 0, 0))).getpixel((0, 0)) == (76, 76, 76)  # ITU-R 601: 0.299


def test_blurring_keeps_the_mean_and_spreads_a_point() -> None:
    point = np.zeros((101, 101, 3), dtype=np.uint8)
    point[50, 50] = 255
    spread = pixels(blur(Image.fromarray(point), 0.02))[..., 0]
    assert spread[50, 50] < 40
    assert spread[50, 52] == spread[52, 50] > 0
    assert spread[50, 60] == 0
    image = wavy()
    assert pixels(blur(image, 0.02)).mean() == pytest.approx(pixels(image).mean(), abs=1)


def test_recolouring_shifts_the_white_balance_then_the_saturation() -> None:
    shifted = pixels(recolour(flat(100), (1.2, 1.0, 0.5), 1.5))[0, 0]
    balanced = np.array([120.0, 100.0, 50.0])
    lightness = round(float(balanced @ [0.299, 0.587, 0.114]))
    np.testing.assert_allclose(shifted, lightness + (balanced - lightness) * 1.5, atol=1)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_posterising_keeps_the_highest_bits(bits: int) -> None:
    image = wavy()
    step = 256 // 2**bits
    np.testing.assert_array_equal(pixels(posterise(image, bits)), pixels(image) // step * step)


def test_noise_has_its_deviation_and_no_bias_and_follows_its_seed() -> None:
    grey_sheet = Image.new("RGB", (300, 200), (128, 128, 128))
    noisy = add_noise(grey_sheet, 20, seed=4)
    noise = pixels(noisy) - 128
    assert noise.std() == pytest.approx(20, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.3)
    between = np.corrcoef(noise.reshape(-1, 3), rowvar=False)
    np.testing.assert_allclose(between, np.eye(3), atol=0.03)
    np.testing.assert_array_equal(pixels(add_noise(grey_sheet, 20, seed=4)), pixels(noisy))
    assert (pixels(add_noise(grey_sheet, 20, seed=5)) != pixels(noisy)).mean() > 0.9


def test_noise_on_white_only_darkens() -> None:
    noisy = pixels(add_noise(flat(255), 30))
    assert noisy.max() == 255
    assert (noisy == 255).mean() == pytest.approx(0.5, abs=0.05)
