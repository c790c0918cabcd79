from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from lookalike.sight import Fine, looked_closely, same_closely
from lookalike.sight.evidence import ONLY_SMALL
from seen import closely, looked

SIZE = 600, 800
LINES = [
    f"{number:02} {word} {number * 37 % 90}.00" for number, word in enumerate(["item", "work", "fee"] * 8)
]


@cache
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
    assert looked(first, second).verified  # at 256 pixels nobody sees it
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


@cache
def photo(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Something with the many tones of a photo: blots of four sizes."""
    random = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0]))
    for blots, weight in ((12, 60), (40, 40), (100, 25), (300, 12)):
        cells = random.normal(0, 1, (blots * size[1] // size[0], blots)).astype(np.float32)
        total += weight * np.asarray(Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray((128 + total).clip(0, 255).astype(np.uint8)).convert("RGB")


def lettered(image: Image.Image, words: str) -> Image.Image:
    image = image.copy()
    font = ImageFont.load_default(36)
    ImageDraw.Draw(image).text((80, 450), words, "white", font, stroke_width=2, stroke_fill="black")
    return image


@cache
def with_things(seed: int, *places: tuple[int, int], side: int) -> Image.Image:
    """The photo with a dark thing at each place, as a camera sees a person on a square."""
    image = photo(seed).copy()
    pen = ImageDraw.Draw(image)
    for x, y in places:
        pen.ellipse((x, y, x + side, y + 2 * side), (30, 30, 34))
        pen.ellipse((x + side // 4, y, x + 3 * side // 4, y + side // 2), (200, 170, 150))
    return image


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("side", [14, 22, 34])
def test_things_that_moved_make_another_photo_and_things_that_came_do_not(seed: int, side: int) -> None:
    empty = photo(seed)
    first = with_things(seed, (150, 200), (420, 90), (600, 380), side=side)
    second = with_things(seed, (250, 260), (480, 320), (90, 420), (660, 120), side=side)
    assert closely(empty, first).verified
    assert closely(second, empty).verified
    for pair in ((first, second), (second, first), (as_jpeg(first, 70), second)):
        assert not closely(*pair).verified


@pytest.mark.parametrize("other", ["1002", "1801", "7001", "1"])
def test_a_digit_takes_the_verdict_back_and_its_place_is_told(other: str) -> None:
    for copy in (statement(other), as_jpeg(statement(other), 60)):
        evidence = closely(statement("1001"), copy)
        assert evidence.differs_in_detail
        assert not evidence.verified
        assert evidence.words == ("differs in detail: the upper third",)
        assert evidence.facts()["score"] == -1
        rows, columns = np.nonzero(evidence.differs)
        assert evidence.differs.shape == (256, 192)
        assert 256 * 90 / 800 < rows.min() <= rows.max() < 256 * 130 / 800
        assert columns.max() < 192 * 140 / 600


@pytest.mark.parametrize("size", [0.5, 0.7])
@pytest.mark.parametrize("other", ["1002", "1801", "7001", "1"])
def test_a_digit_is_told_from_a_smaller_copy(other: str, size: float) -> None:
    def reduced(page: Image.Image) -> Image.Image:
        return as_jpeg(page.resize((round(size * SIZE[0]), round(size * SIZE[1]))), 70)

    assert closely(statement("1001"), reduced(statement("1001"))).whole_copy
    for evidence in (
        closely(statement("1001"), reduced(statement(other))),
        closely(reduced(statement(other)), statement("1001")),
    ):
        assert evidence.differs_in_detail
        assert evidence.words[-1] == "differs in detail: the upper third"


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: as_jpeg(page, 10),
        lambda page: as_jpeg(page.resize((page.width // 2, page.height // 2), Image.Resampling.LANCZOS), 80),
        lambda page: page.filter(ImageFilter.GaussianBlur(3)),
        lambda page: page.filter(ImageFilter.UnsharpMask(3, 200, 2)),
        lambda page: ImageEnhance.Contrast(page).enhance(0.5),
        lambda page: page.transpose(Image.Transpose.ROTATE_180),
        lambda page: page.crop((6, 8, page.width - 6, page.height - 8)),
        lambda page: page.quantize(16).convert("RGB"),
    ],
    ids=["jpeg", "half", "blurred", "sharpened", "paler", "turned", "cropped", "tones"],
)
@pytest.mark.parametrize("original", [statement("1001"), photo(1)], ids=["page", "photo"])
def test_what_was_done_to_the_whole_picture_takes_nothing_back(original: Image.Image, edit) -> None:  # type: ignore[no-untyped-def]
    copy = edit(original)
    assert looked(original, copy).whole_copy
    assert closely(original, copy).whole_copy
    assert closely(copy, original).whole_copy


def window(words: str) -> Image.Image:
    """A program's window, whose only lines are level but for its menu."""
    drawn = Image.new("RGB", (796, 500), (34, 34, 34))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, 796, 24), fill=(218, 218, 212))
    pen.text((6, 4), words, "black", ImageFont.load_default(13))
    return drawn


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
def test_pictures_of_level_lines_agree_with_themselves_alone(turn: Image.Transpose | None) -> None:
    first, same, other = window("17 of 250 files"), window("17 of 250 files"), window("11 of 250 files")
    if turn is not None:
        same, other = same.transpose(turn), other.transpose(turn)
    assert closely(first, same).whole_copy
    assert closely(first, other).differs_in_detail


@cache
def tiles(sides: int) -> Image.Image:
    """A pattern of polygons, each turned in its own way."""
    image = Image.new("RGB", (800, 600), (245, 240, 225))
    pen = ImageDraw.Draw(image)
    for place in range(12 * 16):
        row, column = divmod(place, 16)
        circle = (25 + 50 * column, 25 + 50 * row, 15)
        pen.regular_polygon(circle, sides, 17 + 52 * ((7 * row + 3 * column) % 5), (60, 90, 150))
    return image


@pytest.mark.parametrize("sides", [(3, 4), (3, 5), (4, 5)])
def test_patterns_of_other_tiles_differ_all_over(sides: tuple[int, int]) -> None:
    first, second = (tiles(number) for number in sides)
    assert looked(first, second).whole_copy  # at 256 pixels nobody sees it
    assert closely(first, second).differs_in_detail
    assert closely(first, as_jpeg(second, 50)).differs_in_detail
    for copy in (as_jpeg(first, 20), first.resize((400, 300)), first.filter(ImageFilter.GaussianBlur(2))):
        assert closely(first, copy).verified


def test_letters_on_a_photo_are_an_edit_and_other_letters_another_picture() -> None:
    plain, first, second = photo(2), lettered(photo(2), "WALK INTO"), lettered(photo(2), "TALK INTO")
    assert looked(first, second).whole_copy
    assert closely(first, second).differs_in_detail
    assert not closely(plain, lettered(plain, "12")).differs_in_detail


def test_without_a_file_the_evidence_says_that_details_were_not_seen() -> None:
    first, second = statement("1001"), statement("1002")
    evidence = looked(first, second)
    for one, other in ((Fine(first), None), (None, Fine(second))):
        seen = looked_closely(evidence, one, other)
        assert seen.verified
        assert seen.words == (ONLY_SMALL,)


def test_crops_and_strangers_are_left_as_they_are() -> None:
    page = statement("1001")
    for other in (page.crop((0, 0, SIZE[0], SIZE[1] // 2)), photo(3)):
        evidence = looked(page, other)
        assert looked_closely(evidence, None, None) is evidence


def test_of_small_pictures_there_is_no_more_to_see() -> None:
    first, second = (statement(number).resize((225, 300)) for number in ("1001", "1002"))
    assert closely(first, second).words == ()
