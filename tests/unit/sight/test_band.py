"""Captions on bands of their own: they make copies, and nothing that parts two of one template is one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from drawn.pen import font
from lookalike.alterations import ALTERATIONS
from lookalike.demo.gallery import draw_picture
from lookalike.sight import Sight, look
from pictures import draw

TONES = ("black", "white")


def captioned(image: Image.Image, text: str, tone: str = "white") -> Image.Image:
    """With words on a band over the lowest eighth."""
    edited, top = image.copy(), round(0.875 * image.height)
    pen = ImageDraw.Draw(edited)
    pen.rectangle((0, top, image.width, image.height), tone)
    middle = (image.width / 2, (top + image.height) / 2)
    pen.text(middle, text, TONES[tone == "black"], font((image.height - top) // 2), "mm")
    return edited


def table(rows: int) -> Image.Image:
    """A ruled table of that many rows, 14 pixels high each, and room for 18."""
    image = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(image)
    for row in range(rows + 1):
        pen.line((4, 2 + 14 * row, 252, 2 + 14 * row), "black")
    for column in range(9):
        pen.line((4 + 31 * column, 2, 4 + 31 * column, 2 + 14 * rows), "black")
        for row in range(rows if column < 8 else 0):
            pen.text(
                (9 + 31 * column, 3 + 14 * row), str(127 + 389 * (row + 7 * column) % 900), "black", font(11)
            )
    return image


def bars(last: int) -> Image.Image:
    """Bars on a common ground, the last of that height."""
    image = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(image)
    for place, height in enumerate((180, 90, 140, 60, 200, 120, last)):
        pen.rectangle((10 + 35 * place, 250 - height, 36 + 35 * place, 256), (30, 60, 140))
    return image


def badge(name: str) -> Image.Image:
    """A badge, with the name in its lowest quarter."""
    image = Image.new("RGB", (480, 320), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 480, 90), (30, 120, 110))
    for y, text, size in ((45, "HELLO MY NAME IS", 34), (160, "Annual meeting", 50), (285, name, 40)):
        pen.text((240, y), text, "white" if y < 90 else "black", font(size), "mm")
    return image


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8])
def test_a_captioned_drawing_is_a_copy(seed: int) -> None:
    original = draw(seed, 320, 240)
    copy = Sight(ALTERATIONS["caption"].apply(original))
    assert look(Sight(original), copy).verified
    assert look(copy, Sight(original)).verified
    assert not look(Sight(draw(seed + 7, 320, 240)), copy).verified  # of the same pattern


@pytest.mark.parametrize("number", range(10))
def test_a_captioned_picture_of_the_demo_is_a_copy(number: int) -> None:
    original = draw_picture(number, 7)[0]
    assert look(Sight(original), Sight(ALTERATIONS["caption"].apply(original))).verified


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_a_band_along_the_upper_edge_is_found_too(seed: int) -> None:
    original = draw(seed, 320, 240).rotate(180)
    copy = captioned(original.rotate(180), "good morning to all").rotate(180)
    assert look(Sight(original), Sight(copy)).verified


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("number", range(10))
def test_other_words_on_another_band_are_no_copy(number: int, tone: str) -> None:
    original = draw_picture(number, 7)[0]
    first = captioned(original, "good morning to all of you")
    assert not look(Sight(first), Sight(captioned(original, "SEE WHAT WE BOUGHT", tone))).verified


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (table, (15, 17)),
        (bars, (60, 150)),
        (badge, ("", "Eleanor Vance, Paris")),
        (badge, ("Theo Crain, Oslo", "Eleanor Vance, Paris")),
    ],
)
def test_more_of_the_same_template_is_no_copy(
    make: Callable[..., Image.Image], values: tuple[object, ...]
) -> None:
    first, second = (Sight(make(value)) for value in values)
    found = look(first, second)
    assert found.agreement > 0.5  # they are laid on each other
    assert not found.verified
