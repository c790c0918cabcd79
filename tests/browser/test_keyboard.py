"""The page without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from visitor import Visitor, expect

pytestmark = pytest.mark.slow


def test_from_the_top_to_a_comparison(visitor: Visitor, copy: Callable[[int], Path]) -> None:
    page = visitor.page
    page.on("filechooser", lambda _: None)  # from now on, and not first while the key is on its way
    page.keyboard.press("Tab")
    visitor.expect_focus(".skip")
    page.keyboard.press("Enter")
    visitor.expect_focus("#content")
    visitor.tab_to("#intake [data-part=choose]", most=2)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(copy(4))
    visitor.wait()
    visitor.expect_focus("#found-title")
    visitor.tab_to("#settings summary")
    page.keyboard.press("Enter")
    visitor.tab_to("[name=metric]", most=5)
    page.keyboard.press("ArrowDown")
    expect(visitor.cards.first.locator("[data-part=distance]")).to_contain_text("distance")
    visitor.tab_to(".picture")
    picture = page.get_by_role("button", name="1: picture-0004.jpg, Copy, similarity")
    expect(picture).to_be_focused()
    expect(picture).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict h2")).to_have_text("One is a copy of the other")
    visitor.tab_to("#overlay [type=range]", most=2)
    visitor.tab_to("#overlay [name=mode]", most=1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Blink")).to_be_checked()
    visitor.tab_to("#overlay [data-part=turn]", most=1)
    page.keyboard.press("Space")
    expect(page.locator(".stage")).to_have_attribute("data-shown", "second")


def test_searching_by_a_result_keeps_the_place(visitor: Visitor, copy: Callable[[int], Path]) -> None:
    visitor.choose(copy(3))
    name = visitor.found()[1]
    identity = visitor.cards.nth(1).get_attribute("data-id")
    visitor.tab_to(f'[data-id="{identity}"] [data-part="again"]')
    visitor.page.keyboard.press("Space")
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text(name)
    visitor.expect_focus("#found-title")


def test_the_views_by_their_links(visitor: Visitor) -> None:
    visitor.tab_to("nav a[href='#compare']")
    visitor.page.keyboard.press("Enter")
    visitor.expect_focus("#compare-title")
    assert visitor.page.title() == "Compare · Lookalike"
    expect(visitor.page.locator("nav [aria-current]")).to_have_text("Compare")
