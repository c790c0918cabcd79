from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import COPY_KINDS
from lookalike.errors import UsageError
from waves import pixels, wavy

RED = Image.new("RGB", (160, 120), (255, 0, 0))
BLUE = Image.new("RGB", (160, 120), (0, 0, 255))


def test_there_are_26_kinds_each_under_its_own_name_and_description() -> None:
    assert len(COPY_KINDS) == 26
    assert [kind.name for kind in COPY_KINDS.values()] == list(COPY_KINDS)
    assert len({kind.description for kind in COPY_KINDS.values()}) == 26


@pytest.mark.parametrize("name", COPY_KINDS)
def test_a_copy_depends_on_its_pictures_alone_and_shows_the_background_if_it_says_so(name: str) -> None:
    image, kind = wavy(240, 180), COPY_KINDS[name]
    before = pixels(image)
    first, again, other = kind(image, RED), kind(image, RED), kind(image, BLUE)
    assert first.mode == "RGB"
    np.testing.assert_array_equal(pixels(first), pixels(again))
    np.testing.assert_array_equal(pixels(image), before)
    assert np.array_equal(pixels(first), pixels(other)) is not kind.shows_background
    assert first.size != image.size or not np.array_equal(pixels(first), before)


def test_no_two_kinds_make_the_same_copy() -> None:
    image = wavy(240, 180)
    copies = {kind(image, RED).tobytes() for kind in COPY_KINDS.values()}
    assert len(copies) == 26


def test_pasted_copies_take_a_third_of_the_background() -> None:
    copy = pixels(COPY_KINDS["pasted"](wavy(240, 180), RED))
    shown = (copy != (255, 0, 0)).any(axis=2)
    assert copy.shape == (120, 160, 3)
    assert shown.mean() == pytest.approx(1 / 3, abs=0.01)


def test_a_collage_is_the_picture_and_three_times_the_background() -> None:
    copy = pixels(COPY_KINDS["collage"](wavy(240, 180), RED))
    assert (copy == (255, 0, 0)).all(axis=2).sum() == 3 * 120 * 90  # three cells of half the picture's sides


@pytest.mark.parametrize("share", [80, 50, 30, 15, 10])
def test_crops_keep_their_share(share: int) -> None:
    copy = COPY_KINDS[f"crop-{share}"](wavy(640, 480), RED)
    assert copy.width * copy.height / (640 * 480) == pytest.approx(share / 100, abs=0.002)


def test_a_picture_that_cannot_be_altered_is_refused_in_either_place() -> None:
    with pytest.raises(UsageError, match="pasted takes an RGB image, not L"):
        COPY_KINDS["pasted"](RED.convert("L"), BLUE)
    with pytest.raises(UsageError, match="16 pixels a side or more, not 8 x 90"):
        COPY_KINDS["grey"](RED, Image.new("RGB", (8, 90)))
