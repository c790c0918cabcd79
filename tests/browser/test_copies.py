"""Copies on the page: apart from what only looks alike, in words, opened and forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from lookalike import Collection
from lookalike.collection.answers import Match
from pictures import draw
from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Copy = Callable[[int], Path]
Visit = Callable[..., Visitor]

COPIES = ("identical", "copy")


def _names(matches: list[Match], *verdicts: str) -> list[str]:
    return [match.path.name for match in matches if match.verdict in verdicts]


def test_copies_stand_before_a_rule_and_settings_say_what_is_one(
    visitor: Visitor, copy: Copy, collection: Collection
) -> None:
    visitor.choose(copy(4))
    expected = collection.search(copy(4), 10)
    _expect_copies_before_a_rule(visitor, expected)
    visitor.open_settings()
    _expect_the_rate_of_false_copies(visitor, collection.search(copy(4), 10, fpr=1e-3))
    _expect_nothing_farther_than(visitor, expected)
    _expect_only_copies(visitor)


def _expect_copies_before_a_rule(visitor: Visitor, expected: list[Match]) -> None:
    copies = _names(expected, *COPIES)
    assert "picture-0004.jpg" in copies
    words = "1 copy found" if len(copies) == 1 else f"{len(copies)} copies found"
    expect(visitor.page.locator("#found-title")).to_have_text(words)
    assert visitor.found(".part.copies") == copies
    assert visitor.found(".part.similar") == _names(expected, "similar")
    assert visitor.found(".part.different") == _names(expected, "different")
    rest = visitor.page.locator(".part:not(.copies)").first
    expect(rest).to_have_css("border-top-style", "solid")


def _expect_the_rate_of_false_copies(visitor: Visitor, expected: list[Match]) -> None:
    """Choose a rate, look at what is a copy then, and choose the rate of before."""
    status, rate = visitor.page.locator("#found-status"), visitor.page.locator("#settings [name=fpr]")
    before = rate.input_value()
    expect(status).to_contain_text("About one search in 42,000 calls a different picture a copy")
    rate.select_option(label="1 pair in 1,000")
    expect(status).to_contain_text("About one search in 42 calls a different picture a copy")
    assert visitor.found(".part.copies") == _names(expected, *COPIES)
    rate.select_option(before)
    expect(status).to_contain_text("About one search in 42,000 calls a different picture a copy")


def _expect_nothing_farther_than(visitor: Visitor, every: list[Match]) -> None:
    """Ask for what is near, and then for all again."""
    border = sorted(match.distance for match in every)[3] + 1e-4
    farthest = visitor.page.get_by_label("Max. distance")
    farthest.fill(f"{border:.5f}")
    farthest.press("Enter")
    near = [match.path.name for match in every if match.distance <= border]
    expect(visitor.cards).to_have_count(len(near))
    assert visitor.found() == near
    farthest.fill("")
    farthest.press("Enter")
    expect(visitor.cards).to_have_count(len(every))


def _expect_only_copies(visitor: Visitor) -> None:
    copies = visitor.found(".part.copies")
    visitor.page.select_option("#settings [name=verdict]", label="copies only")
    expect(visitor.cards).to_have_count(len(copies))
    assert visitor.found() == copies
    expect(visitor.page.locator("#found-status")).to_contain_text(f"{len(copies)} of 24")


def test_evidence_and_chance_are_in_words_and_so_is_that_there_is_no_copy(
    visitor: Visitor, tmp_path: Path, collection: Collection, gallery: Program
) -> None:
    path = gallery.home / "pictures" / "first" / "picture-0001.jpg"
    with Image.open(path) as picture:
        picture.rotate(-90, expand=True).save(tmp_path / "turned.png")
    (expected, *_) = collection.search(tmp_path / "turned.png", 10)
    assert expected.verdict == "copy"
    assert expected.evidence is not None
    visitor.choose(tmp_path / "turned.png")
    first = visitor.cards.first
    expect(first.locator("[data-part=verdict]")).to_have_text("Copy")
    words = ", ".join(expected.evidence.words)
    assert "turned by 90°" in words
    expect(first.locator("[data-part=done]")).to_have_text(f"Yours is {words}.")
    expect(first.locator("[data-part=chance]")).to_have_text(
        re.compile(
            r"(About 1|Less than 1) chance in .+ that an unrelated picture looks so alike in this search\."
        )
    )
    day = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    expect(first.locator("[data-part=facts]")).to_have_text(
        f"96 × 72, {path.stat().st_size / 1000:.1f} kB, {day.day} {day:%b %Y}"
    )
    draw(900).save(tmp_path / "stranger.png")
    assert not _names(collection.search(tmp_path / "stranger.png", 10), *COPIES)
    visitor.choose(tmp_path / "stranger.png")
    expect(visitor.page.get_by_role("heading", name="No copy found")).to_be_visible()
    expect(visitor.page.locator(".part.copies")).to_have_count(0)
    expect(visitor.cards).to_have_count(10)


def test_an_image_is_no_copy_of_itself(visit: Visit, collection: Collection, copy: Copy) -> None:
    identity = collection.search(copy(8), 1)[0].image_id
    visitor = visit(path=f"?like={identity}")
    visitor.wait()
    expect(visitor.page.locator("#found-title")).to_have_text("No other copy found")
    expect(visitor.cards.first.locator("[data-part=verdict]")).to_have_text("The picture itself")


def test_the_original_opens_beside_the_page(visitor: Visitor, copy: Copy, gallery: Program) -> None:
    visitor.choose(copy(3))
    link = visitor.cards.first.get_by_role("link", name="Open the original of picture-0003.png")
    with visitor.page.context.expect_page() as opened:
        link.click()
    picture = opened.value.locator("img")
    expect(picture).to_have_js_property("naturalWidth", draw(3).width)
    sent = visitor.page.request.get(opened.value.url).body()
    assert sent == (gallery.home / "pictures" / "first" / "picture-0003.png").read_bytes()


def test_forgetting_asks_first(visit: Visit, growing: str, tmp_path: Path) -> None:
    visitor = visit(growing, "#add")
    draw(801).save(tmp_path / "unwanted.png")
    visitor.page.locator("#add-intake [data-part=choose]").set_input_files(tmp_path / "unwanted.png")
    expect(visitor.page.locator("#add-status")).to_have_text("1 picture added.")
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    visitor.choose(tmp_path / "unwanted.png")
    expect(visitor.page.locator("#found-title")).to_have_text("1 copy found")
    forget = visitor.cards.first.locator("[data-part=forget]")
    forget.click()
    dialog = visitor.page.get_by_role("dialog", name="Forget this picture?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(visitor.page.locator("#found-title")).to_have_text("1 copy found")
    forget.click()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#found-title")).to_have_text("No copy found")
    expect(visitor.page.locator("#said")).to_contain_text("Forgotten")
    visitor.expect_focus("#found-title")
