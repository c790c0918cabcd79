"""Stickers and stamps over pages, and what differs in the same way and is no copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from lookalike.alterations import ALTERATIONS
from lookalike.alterations.lettering import font
from lookalike.alterations.stickers import Sticker, stick
from lookalike.alterations.tones import encode_jpeg
from lookalike.labs.bench import sheets
from lookalike.sight import Fine, looked_closely
from seen import closely, looked

RED = (205, 20, 30)
PAGES = (0, 1, 2, 3, 4, 6)  # letters, bills, tables and chats with much print


def stamped(page: Image.Image) -> Image.Image:
    """The page with a filled red stamp across its print."""
    stamp = Image.new("RGBA", (page.width // 2, page.height // 8), (*RED, 255))
    ImageDraw.Draw(stamp).text((stamp.width / 2, stamp.height / 2), "PAID", "white", font(50), anchor="mm")
    turned = stamp.rotate(12, Image.Resampling.BICUBIC, expand=True)
    copy = page.copy()
    copy.paste(turned, (page.width // 5, page.height // 4), turned)
    return copy


@pytest.mark.parametrize("number", PAGES)
def test_a_page_with_stickers_is_a_copy(number: int) -> None:
    page = sheets.draw("pages", number)
    copy = encode_jpeg(ALTERATIONS["stickers"].apply(page), 90)
    seen = looked(page, copy)
    assert not seen.verified
    assert seen.perhaps_stuck_on
    assert seen.told_by_files
    assert looked_closely(seen, None, Fine(copy)) == seen
    for first, second in ((page, copy), (copy, page)):
        found = closely(first, second)
        assert found.verified
        assert not found.whole
        assert found.words[-1].startswith("changed")


def test_a_page_with_a_filled_stamp_is_a_copy_turned_too() -> None:
    page = sheets.draw("pages", 0)
    copy = stamped(page)
    assert closely(page, copy).verified
    assert closely(page, copy.rotate(180)).verified


def test_another_page_with_stickers_is_none() -> None:
    # Of bills, lines of print that differ reach right up to the stickers.
    for page, others in ((0, (4, 8)), (2, (6, 10)), (3, (7, 11)), (49, (1, 13, 57))):
        copy = ALTERATIONS["stickers"].apply(sheets.draw("pages", page))
        for other in others:
            assert not closely(sheets.draw("pages", other), copy).verified


def test_other_stickers_on_each_of_two_are_none() -> None:
    page = sheets.draw("pages", 0)
    one, other = (stick(page, [Sticker(shape, (0.4, 0.4), 0.4)]) for shape in ("face", "heart"))
    assert not closely(one, other).verified


def _word_changed(page: Image.Image, copy: Image.Image) -> None:
    """Write another line of print elsewhere on the copy."""
    pen = ImageDraw.Draw(copy)
    pen.rectangle((50, 700, 570, 760), "white")
    pen.text((60, 705), "quite another line of words for this letter", "black", font(17))
    pen.text((60, 730), "and one more that is not on the page at all", "black", font(17))


def _beside_print(page: Image.Image, copy: Image.Image) -> None:
    """Draw a coloured field where nothing is printed."""
    copy.paste(page, (0, 0))
    ImageDraw.Draw(copy).rectangle((60, 810, 300, 870), RED)


@pytest.mark.parametrize("changed", [_word_changed, _beside_print])
def test_what_differs_besides_or_covers_no_print_makes_another_page(
    changed: Callable[[Image.Image, Image.Image], None],
) -> None:
    page = sheets.draw("pages", 0)
    copy = stamped(page)
    changed(page, copy)
    assert not closely(page, copy).verified


def test_what_covers_most_of_a_page_makes_another_one() -> None:
    page = sheets.draw("pages", 0)
    for share, verified in ((0.25, True), (0.35, False)):
        copy = page.copy()
        wide, tall = page.width, round(share * page.height)
        copy.paste(RED, (0, 100, wide, 100 + tall))
        evidence = looked(page, copy)
        sure = replace(evidence, if_stuck_on=40.0)  # the small pictures alone would not let it be
        assert looked_closely(sure, Fine(page), Fine(copy)).verified == verified


def test_a_colour_that_the_page_has_is_no_sign() -> None:
    page = sheets.draw("pages", 0)
    ImageDraw.Draw(page).rectangle((0, 0, page.width, 30), RED)
    assert not closely(page, stamped(page)).verified
