from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import ALTERATIONS
from lookalike.errors import UsageError
from waves import flat, pixels, wavy

SIZES = [(16, 16), (17, 23), (16, 400), (400, 16), (96, 64)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("coloured", [True, False], ids=["coloured", "grey"])
@pytest.mark.parametrize("name", ALTERATIONS)
def test_every_alteration_makes_the_same_new_picture_each_time(
    name: str, size: tuple[int, int], coloured: bool
) -> None:
    image = wavy(*size, coloured=coloured)
    before = pixels(image)
    first, second = ALTERATIONS[name].apply(image), ALTERATIONS[name].apply(image)
    assert first.mode == "RGB"
    assert first is not image
    np.testing.assert_array_equal(pixels(first), pixels(second))
    np.testing.assert_array_equal(pixels(image), before)
    changed = first.size != image.size or not np.array_equal(pixels(first), before)
    already = (name == "grey" and not coloured) or (name == "thumbnail-64" and max(size) <= 64)
    assert changed is not already


def test_the_table_is_keyed_by_name_and_described_for_people() -> None:
    assert [alteration.name for alteration in ALTERATIONS.values()] == list(ALTERATIONS)
    descriptions = [alteration.description for alteration in ALTERATIONS.values()]
    assert len(set(descriptions)) == len(descriptions)
    assert not [text for text in descriptions if text.endswith(".") or text[0].islower()]


@pytest.mark.parametrize(("name", "area"), [("crop-80", 0.8), ("crop-70", 0.7), ("crop-30", 0.3)])
def test_crops_keep_their_share_of_the_area_and_the_proportions(name: str, area: float) -> None:
    cropped = ALTERATIONS[name].apply(wavy(640, 480))
    assert cropped.width * cropped.height / (640 * 480) == pytest.approx(area, abs=0.003)
    assert cropped.width / cropped.height == pytest.approx(640 / 480, abs=0.01)


def test_warm_pictures_gain_red_and_lose_blue() -> None:
    red, _, blue = pixels(ALTERATIONS["warm"].apply(flat(120)))[0, 0]
    assert red > 125
    assert blue < 110


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_other_modes_are_refused(mode: str) -> None:
    with pytest.raises(UsageError, match=f"takes an RGB image, not {mode}"):
        ALTERATIONS["grey"].apply(Image.new(mode, (32, 32)))


def test_tiny_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="16 pixels a side or more, not 15 x 40"):
        ALTERATIONS["flip"].apply(Image.new("RGB", (15, 40)))
