"""Comparing two pictures on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from lookalike import Collection
from lookalike.collection.comparison import Hasher
from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Copy = Callable[[int], Path]


def test_a_match_with_the_query(
    visitor: Visitor, copy: Copy, gallery: Program, collection: Collection
) -> None:
    original = gallery.home / "pictures" / "first" / "picture-0004.jpg"
    visitor.choose(copy(4))
    visitor.page.get_by_role("button", name="1: picture-0004.jpg").click()
    _expect_verdict(visitor, Hasher(collection.embedder), copy(4), original)
    expect(visitor.page.locator("#verdict h2")).to_have_text("One is a copy of the other")
    visitor.expect_focus("#compare-title")


def test_two_files_one_chosen_one_dropped_and_one_that_is_no_picture(
    visit: Callable[..., Visitor], copy: Copy, collection: Collection, tmp_path: Path
) -> None:
    visitor = visit(path="#compare")
    visitor.page.get_by_label("Choose for the first picture").set_input_files(copy(3))
    expect(visitor.page.locator("[data-slot=a] img")).to_be_visible()
    expect(visitor.page.locator("#overlay")).to_be_hidden()
    (tmp_path / "notes.txt").write_text("no picture at all")
    visitor.drop(tmp_path / "notes.txt", onto="[data-slot=b]")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The second picture: not a JPEG, ")
    expect(visitor.page.locator("#overlay")).to_be_hidden()
    visitor.drop(copy(8), onto="[data-slot=b]")
    _expect_verdict(visitor, Hasher(collection.embedder), copy(3), copy(8))
    expect(visitor.page.locator("#verdict h2")).to_have_text("Different pictures")
    expect(visitor.page.locator("#overlay")).to_be_visible()


def test_two_pages_that_differ_in_a_digit(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit(path="#compare")
    visitor.page.get_by_label("Choose for the first picture").set_input_files(_page(tmp_path, 1001))
    visitor.drop(_page(tmp_path, 1002), onto="[data-slot=b]")
    expect(visitor.page.locator("#verdict h2")).to_have_text("Similar pictures")
    expect(visitor.page.locator("#verdict")).to_contain_text("The same but for a detail in the upper third.")


def _page(folder: Path, number: int) -> Path:
    page, font = Image.new("RGB", (600, 800), "white"), ImageFont.load_default(20)
    lines = [f"No. {number}", *(f"{line} parts at {line * 7}.50" for line in range(20))]
    ImageDraw.Draw(page).multiline_text((50, 50), "\n".join(lines), fill="black", font=font, spacing=12)
    page.save(folder / f"{number}.png")
    return folder / f"{number}.png"


def test_the_slider_uncovers_the_first_picture_and_coming_back_finds_the_results_as_they_were(
    visitor: Visitor, copy: Copy
) -> None:
    visitor.choose(copy(3))
    found = visitor.found()
    visitor.cards.first.locator(".picture").click()
    slider = visitor.page.get_by_role("slider")
    slider.focus()
    visitor.page.keyboard.press("End")
    clip = "getComputedStyle(document.querySelector('.layer.first')).clipPath"
    assert "calc(0%" in visitor.page.evaluate(clip) or "0px" in visitor.page.evaluate(clip)
    box = visitor.page.locator(".stage").bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert 20 <= int(slider.input_value()) <= 30
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    expect(visitor.cards.first).to_be_visible()
    assert visitor.found() == found


def _expect_verdict(visitor: Visitor, hasher: Hasher, first: Path, second: Path) -> None:
    """The figures and the bits are those that the library finds."""
    truth = hasher.compare(first, second)
    page = visitor.page
    expect(page.locator("#verdict [data-part=distance]")).to_have_text(f"{truth.distance:.3f}")
    similarity = f"{truth.similarity:.3f}".replace("-", "\N{MINUS SIGN}")
    expect(page.locator("#verdict [data-part=similarity]")).to_have_text(similarity)
    expect(page.locator("#verdict [data-part=bits]")).to_have_text(f"{truth.differing_bits} of 256")
    codes = [bin(int("1" + hasher.hash(picture), 16))[3:] for picture in (first, second)]
    names = {"00": "zero", "11": "one", "01": "differs", "10": "differs"}
    drawn = page.locator(".bits rect").evaluate_all(
        "(cells) => cells.map((cell) => cell.getAttribute('class'))"
    )
    assert drawn == [names[a + b] for a, b in zip(*codes, strict=True)]
    differing = [str(at) for at, (a, b) in enumerate(zip(*codes, strict=True), 1) if a != b]
    assert ", ".join(differing) in page.locator("[data-part=positions]").inner_text()
    expect(page.get_by_role("img", name=f"{truth.differing_bits} of the 256 bits")).to_be_visible()
