from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lookalike.alterations import (
    ALTERATIONS,
    blur,
    brighten,
    caption,
    crop,
    encode_jpeg,
    flip,
    grey,
    pad,
    paste_on,
    recolour,
    resize,
    rotate,
    screenshot,
    write_over,
)
from lookalike.errors import UsageError

SIZES = [(16, 16), (17, 23), (16, 400), (400, 16), (96, 64)]


def picture(width: int = 120, height: int = 90, *, coloured: bool = True) -> Image.Image:
    """Smooth waves, so that a JPEG of it is close."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 9 + shift) * np.cos(y / 11 - shift) * 100 + 128 for shift in (0.0, 1.0, 2.0)]
    image = Image.fromarray(np.stack(waves, axis=-1).astype(np.uint8))
    return image if coloured else image.convert("L").convert("RGB")


def pixels(image: Image.Image) -> NDArray[np.int64]:
    return np.asarray(image).astype(np.int64)


def flat(level: int) -> Image.Image:
    return Image.new("RGB", (40, 30), (level, level, level))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("coloured", [True, False], ids=["coloured", "grey"])
@pytest.mark.parametrize("name", ALTERATIONS)
def test_every_alteration_makes_the_same_new_picture_each_time(
    name: str, size: tuple[int, int], coloured: bool
) -> None:
    image = picture(*size, coloured=coloured)
    before = pixels(image)
    first, second = ALTERATIONS[name].apply(image), ALTERATIONS[name].apply(image)
    assert first.mode == "RGB"
    assert first is not image
    np.testing.assert_array_equal(pixels(first), pixels(second))
    np.testing.assert_array_equal(pixels(image), before)
    changed = first.size != image.size or not np.array_equal(pixels(first), before)
    assert changed or (name == "grey" and not coloured)


def test_the_table_is_keyed_by_name_and_described_for_people() -> None:
    assert [alteration.name for alteration in ALTERATIONS.values()] == list(ALTERATIONS)
    descriptions = [alteration.description for alteration in ALTERATIONS.values()]
    assert len(set(descriptions)) == len(descriptions)
    assert not [text for text in descriptions if text.endswith(".") or text[0].islower()]


@pytest.mark.parametrize(("name", "area"), [("crop-80", 0.8), ("crop-70", 0.7), ("crop-30", 0.3)])
def test_crops_keep_their_share_of_the_area_and_the_proportions(name: str, area: float) -> None:
    cropped = ALTERATIONS[name].apply(picture(640, 480))
    assert cropped.width * cropped.height / (640 * 480) == pytest.approx(area, abs=0.003)
    assert cropped.width / cropped.height == pytest.approx(640 / 480, abs=0.01)


@pytest.mark.parametrize(
    ("offset", "corner"), [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (60, 45)), ((0.5, 0.0), (30, 0))], ids=str
)
def test_a_crop_is_a_region_of_the_source(offset: tuple[float, float], corner: tuple[int, int]) -> None:
    image = picture(120, 90)
    left, top = corner
    expected = pixels(image)[top : top + 45, left : left + 60]
    np.testing.assert_array_equal(pixels(crop(image, 0.25, offset)), expected)


def test_jpeg_differs_the_more_the_lower_its_quality_but_stays_close() -> None:
    image = picture()
    errors = [np.abs(pixels(encode_jpeg(image, quality)) - pixels(image)).mean() for quality in (40, 30, 10)]
    assert 0 < errors[0] < errors[1] < errors[2] < 12


def test_resizing_scales_both_sides_and_keeps_a_flat_colour() -> None:
    small = resize(Image.new("RGB", (250, 100), (10, 200, 90)), 0.4)
    assert small.size == (100, 40)
    assert small.getextrema() == ((10, 10), (200, 200), (90, 90))


def test_brightness_multiplies_and_stops_at_white() -> None:
    assert brighten(flat(100), 1.3).getpixel((0, 0)) == (130, 130, 130)
    assert brighten(flat(220), 1.3).getpixel((0, 0)) == (255, 255, 255)


def test_grey_has_equal_channels_of_the_right_lightness() -> None:
    levels = pixels(grey(picture()))
    assert (np.ptp(levels, axis=2) == 0).all()
    assert grey(Image.new("RGB", (20, 20), (255, 0, 0))).getpixel((0, 0)) == (76, 76, 76)  # ITU-R 601: 0.299


def test_blurring_keeps_the_mean_and_spreads_a_point() -> None:
    point = np.zeros((101, 101, 3), dtype=np.uint8)
    point[50, 50] = 255
    spread = pixels(blur(Image.fromarray(point), 0.02))[..., 0]
    assert spread[50, 50] < 40
    assert spread[50, 52] == spread[52, 50] > 0
    assert spread[50, 60] == 0
    image = picture()
    assert pixels(blur(image, 0.02)).mean() == pytest.approx(pixels(image).mean(), abs=1)


def test_recolouring_shifts_the_white_balance_then_the_saturation() -> None:
    shifted = pixels(recolour(flat(100), (1.2, 1.0, 0.5), 1.5))[0, 0]
    balanced = np.array([120.0, 100.0, 50.0])
    lightness = round(float(balanced @ [0.299, 0.587, 0.114]))
    np.testing.assert_allclose(shifted, lightness + (balanced - lightness) * 1.5, atol=1)


def test_warm_pictures_gain_red_and_lose_blue() -> None:
    red, _, blue = pixels(ALTERATIONS["warm"].apply(flat(120)))[0, 0]
    assert red > 125
    assert blue < 110


def test_a_caption_covers_the_lowest_tenth_and_nothing_else() -> None:
    image = picture(400, 300)
    captioned = pixels(caption(image, 0.1))
    np.testing.assert_array_equal(captioned[:270], pixels(image)[:270])
    band = captioned[270:]
    assert (band == 255).all(axis=2).mean() > 0.7
    assert (band < 60).all(axis=2).sum() > 50
    np.testing.assert_array_equal(band[:, :4], np.full((30, 4, 3), 255))


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (900, 60)], ids=str)
def test_text_covers_the_middle_third_from_edge_to_edge(size: tuple[int, int]) -> None:
    image = picture(*size)
    written = pixels(write_over(image, 1 / 3))
    changed = (written != pixels(image)).any(axis=2)
    third = image.height / 3
    rows = np.flatnonzero(changed.any(axis=1))
    assert third - 2 <= rows.min() < third + third / 4
    assert 2 * third - third / 4 < rows.max() <= 2 * third + 2
    columns = np.flatnonzero(changed.any(axis=0))
    assert columns.min() < image.width * 0.05
    assert columns.max() > image.width * 0.95


def test_padding_surrounds_the_picture_with_its_colour() -> None:
    image = picture(100, 50)
    padded = pad(image, 0.4, (1, 2, 3))
    assert padded.size == (140, 70)
    levels = pixels(padded)
    np.testing.assert_array_equal(levels[10:60, 20:120], pixels(image))
    levels[10:60, 20:120] = (1, 2, 3)
    assert (levels == (1, 2, 3)).all()


def test_rotation_holds_the_whole_picture_on_white() -> None:
    turned = rotate(Image.new("RGB", (200, 100), (20, 40, 60)), 10)
    cosine, sine = math.cos(math.radians(10)), math.sin(math.radians(10))
    assert turned.width == pytest.approx(200 * cosine + 100 * sine, abs=2)
    assert turned.height == pytest.approx(200 * sine + 100 * cosine, abs=2)
    assert turned.getpixel((0, 0)) == (255, 255, 255)
    assert turned.getpixel((turned.width // 2, turned.height // 2)) == (20, 40, 60)
    dark = (pixels(turned) < 200).all(axis=2).sum()
    assert dark == pytest.approx(200 * 100, rel=0.02)
    assert turned.getpixel((turned.width - 25, 12)) == (20, 40, 60)  # anticlockwise: the right end is up
    assert turned.getpixel((25, 12)) == (255, 255, 255)


def test_flipping_mirrors_and_twice_is_the_identity() -> None:
    image = picture()
    np.testing.assert_array_equal(pixels(flip(image)), pixels(image)[:, ::-1])
    np.testing.assert_array_equal(pixels(flip(flip(image))), pixels(image))


def test_a_screenshot_holds_the_picture_below_a_bar_and_between_margins() -> None:
    image = picture(400, 300)
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
    taken = screenshot(picture(1600, 800))
    assert 1080 < taken.width < 1300
    assert 540 < taken.height < 900


def test_pasting_keeps_the_background_around_the_picture() -> None:
    background = picture(200, 160)
    pasted = pixels(paste_on(Image.new("RGB", (50, 50), (255, 0, 0)), background, 0.5, (1.0, 0.0)))
    np.testing.assert_array_equal(pasted[:80, 120:], np.broadcast_to((255, 0, 0), (80, 80, 3)))
    expected = pixels(background)
    np.testing.assert_array_equal(pasted[80:], expected[80:])
    np.testing.assert_array_equal(pasted[:, :120], expected[:, :120])


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_other_modes_are_refused(mode: str) -> None:
    with pytest.raises(UsageError, match=f"takes an RGB image, not {mode}"):
        ALTERATIONS["grey"].apply(Image.new(mode, (32, 32)))


def test_tiny_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="16 pixels a side or more, not 15 x 40"):
        ALTERATIONS["flip"].apply(Image.new("RGB", (15, 40)))
