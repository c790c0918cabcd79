from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from lookalike.sight import Sight, look, same_closely

SIZE = 600, 800
LINES = [
    f"{number:02} {word} {number * 37 % 90}.00" for number, word in enumerate(["item", "work", "fee"] * 8)
]


def statement(number: str) -> Image.Image:
    """A page of text that differs from another in its number alone."""
    page = Image.new("RGB", SIZE, "white")
    pen, small, large = ImageDraw.Draw(page), ImageFont.load_default(16), ImageFont.load_default(32)
    pen.text((50, 40), "STATEMENT", fill="black", font=large)
    pen.text((50, 100), f"No. {number}", fill="black", font=small)
    for place, line in enumerate(LINES):
        pen.text((50, 150 + 24 * place), line, fill="black", font=small)
    return page


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


@pytest.mark.parametrize("other", ["1002", "1801", "7001"])
def test_pages_that_differ_in_a_digit_are_not_the_same(other: str) -> None:
    first, second = statement("1001"), statement(other)
    assert look(Sight(first), Sight(second)).verified  # at 256 pixels nobody sees it
    assert not same_closely(first, second)
    assert not same_closely(second, first)


def test_copies_of_a_whole_page_are_the_same() -> None:
    page = statement("1001")
    half = page.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS)
    copies = [
        page,
        as_jpeg(page, 10),
        as_jpeg(half, 80),
        ImageEnhance.Brightness(page).enhance(0.7),
        page.transpose(Image.Transpose.ROTATE_90),
        page.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    ]
    for copy in copies:
        assert same_closely(page, copy)
        assert same_closely(copy, page)


def test_a_crop_is_not_the_same() -> None:
    page = statement("1001")
    assert not same_closely(page, page.crop((0, 0, SIZE[0], SIZE[1] * 3 // 4)))
