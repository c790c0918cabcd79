"""Colours and sizes: dark and light, phones and wide screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from visitor import PHONE, Visitor, expect

pytestmark = pytest.mark.slow

LIGHT, DARK = "rgb(251, 250, 248)", "rgb(18, 18, 20)"

Visit = Callable[..., Visitor]


@pytest.mark.parametrize(("scheme", "ground", "other"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_the_system_decides_until_the_reader_does(visit: Visit, scheme: str, ground: str, other: str) -> None:
    page = visit(color_scheme=scheme).page
    expect(page.locator("body")).to_have_css("background-color", ground)
    page.get_by_role("button", name="Switch to the").click()
    expect(page.locator("body")).to_have_css("background-color", other)
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", other)


def test_a_phone_shows_all_in_its_width(visit: Visit, copy: Callable[[int], Path]) -> None:
    visitor = visit(**PHONE)
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    _expect_no_scrolling_sideways(visitor)
    camera = visitor.page.locator("#intake [data-part=camera]")
    assert camera.get_attribute("capture") == "environment"
    expect(visitor.page.locator("#intake .camera")).to_be_visible()
    camera.set_input_files(copy(3))
    visitor.wait()
    assert visitor.found()[0] == "picture-0003.png"
    assert _columns(visitor) == 2
    _expect_no_scrolling_sideways(visitor)
    visitor.open_settings()
    _expect_no_scrolling_sideways(visitor)
    visitor.page.get_by_role("switch").check()
    expect(visitor.page.locator("[data-part=overlap]")).not_to_be_empty()
    _expect_no_scrolling_sideways(visitor)
    visitor.cards.first.locator(".picture").click()
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    _expect_no_scrolling_sideways(visitor)
    visitor.page.get_by_role("link", name="Add").click()
    _expect_no_scrolling_sideways(visitor)


def test_a_wide_screen_is_used_and_nothing_moves_for_those_who_asked_for_that(
    visit: Visit, copy: Callable[[int], Path]
) -> None:
    visitor = visit(viewport={"width": 1600, "height": 1000}, reduced_motion="reduce")
    visitor.choose(copy(3))
    assert visitor.page.evaluate("document.getAnimations().length") == 0
    assert _columns(visitor) == 5
    _expect_no_scrolling_sideways(visitor)


def _columns(visitor: Visitor) -> int:
    """How many cards stand in the first row of those that are no copies."""
    cards = visitor.page.locator(".part:last-child .card")
    tops = cards.evaluate_all("(cards) => cards.map((card) => card.getBoundingClientRect().top)")
    return tops.count(tops[0])


def _expect_no_scrolling_sideways(visitor: Visitor) -> None:
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.page.evaluate("document.body.scrollWidth <= innerWidth")
