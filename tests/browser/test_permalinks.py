"""Addresses and reloads: what was searched for is found again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike import Collection
from pictures import draw
from visitor import HANG_GUARD, Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]
Copy = Callable[[int], Path]

_KEPT = """async () => {
  const opening = indexedDB.open("lookalike", 1);
  await new Promise((done) => (opening.onsuccess = done));
  const asked = opening.result.transaction("pictures").objectStore("pictures").getAllKeys();
  await new Promise((done) => (asked.onsuccess = done));
  opening.result.close();
  return asked.result;
}"""
_MAKE_OLD = """async () => {
  const opening = indexedDB.open("lookalike", 1);
  await new Promise((done) => (opening.onsuccess = done));
  const all = opening.result.transaction("pictures", "readwrite").objectStore("pictures");
  const asked = all.put(new File(["old"], "old.png"), "1000-1");
  await new Promise((done) => (asked.onsuccess = done));
  opening.result.close();
}"""


def test_a_reload_finds_a_chosen_picture_for_as_long_as_it_is_kept(visitor: Visitor, copy: Copy) -> None:
    visitor.choose(copy(3))
    found = visitor.found()
    _expect_kept(visitor, 1)
    visitor.page.reload()
    visitor.wait()
    expect(visitor.page.locator("#query [data-part=name]")).to_have_text(copy(3).name)
    expect(visitor.page.locator("#query img")).to_have_js_property("naturalWidth", draw(3).width - 2)
    assert visitor.found() == found
    visitor.page.evaluate("indexedDB.deleteDatabase('lookalike')")
    visitor.page.reload()
    expect(visitor.page.get_by_role("alert")).to_contain_text("not kept in this browser any more")
    expect(visitor.page.locator("#found")).to_be_hidden()


def test_a_reload_finds_a_pasted_picture_and_its_settings(visitor: Visitor) -> None:
    visitor.paste(draw(5))
    visitor.wait()
    _expect_kept(visitor, 1)
    visitor.page.get_by_label("Results").fill("4")
    visitor.page.get_by_label("Results").press("Enter")
    expect(visitor.cards).to_have_count(4)
    assert "k=4" in visitor.page.url
    visitor.page.reload()
    visitor.wait()
    expect(visitor.page.get_by_label("Results")).to_have_value("4")
    expect(visitor.cards).to_have_count(4)


def test_a_picture_is_not_kept_longer_than_a_day(visitor: Visitor, copy: Copy) -> None:
    visitor.choose(copy(3))
    _expect_kept(visitor, 1)
    visitor.page.evaluate(_MAKE_OLD)
    visitor.choose(copy(4))
    _expect_kept(visitor, 2)
    assert all(int(key.partition("-")[0]) > 1000 for key in visitor.page.evaluate(_KEPT))


def test_a_link_to_a_search_by_an_image(visit: Visit, collection: Collection, copy: Copy) -> None:
    first = collection.search(copy(7), 1)[0]
    visitor = visit(path=f"?like={first.image_id}&k=3")
    visitor.wait()
    expect(visitor.page.locator("#query [data-part=name]")).to_have_text(first.path.name)
    expected = collection.search(first.path, 3)
    assert visitor.found() == [match.path.name for match in expected]
    visitor.cards.nth(1).locator("[data-part=again]").click()
    visitor.wait()
    assert f"like={expected[1].image_id}" in visitor.page.url


def test_a_link_to_an_image_that_is_not_there(visit: Visit) -> None:
    visitor = visit(path="?like=99999")
    expect(visitor.page.get_by_role("alert")).to_contain_text("no image 99999")


def test_a_link_that_makes_no_sense_shows_the_empty_page(visit: Visit, address: str) -> None:
    """One that would have the server fetch an address is none either."""
    visitor = visit(path="?like=seven")
    _expect_empty_page(visitor)
    fetching = "?like=http://example.org/a.jpg&url=http://example.org/a.jpg"
    for path in ("?like=-1", "?like=1e999", "?k=1&like=", fetching):
        visitor.page.goto(f"{address}/{path}")
        _expect_empty_page(visitor)


def test_a_link_to_a_comparison(visit: Visit, collection: Collection, copy: Copy) -> None:
    first, second = collection.search(copy(7), 2)
    visitor = visit(path=f"?a={first.image_id}&b={second.image_id}#compare")
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    names = visitor.page.locator(".slot [data-part=name]").all_text_contents()
    assert names == [first.path.name, second.path.name]


def test_a_reload_finds_a_comparison_with_a_chosen_picture(visitor: Visitor, copy: Copy) -> None:
    visitor.choose(copy(3))
    _expect_kept(visitor, 1)
    visitor.cards.first.locator(".picture").click()
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    visitor.page.reload()
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    expect(visitor.page.locator("[data-slot=a] [data-part=name]")).to_have_text(copy(3).name)


def test_going_back_finds_the_settings_of_then(visitor: Visitor, copy: Copy) -> None:
    visitor.choose(copy(3))
    visitor.page.get_by_label("Results").fill("4")
    visitor.page.get_by_label("Results").press("Enter")
    expect(visitor.cards).to_have_count(4)
    visitor.cards.nth(1).locator("[data-part=again]").click()
    visitor.wait()
    visitor.page.get_by_label("Results").fill("6")
    visitor.page.get_by_label("Results").press("Enter")
    expect(visitor.cards).to_have_count(6)
    visitor.page.go_back()
    expect(visitor.cards).to_have_count(4)
    expect(visitor.page.get_by_label("Results")).to_have_value("4")


def _expect_kept(visitor: Visitor, number: int) -> None:
    """Wait until the browser has stored so many pictures, which happens beside the search."""
    end = time.monotonic() + HANG_GUARD / 1000
    while len(visitor.page.evaluate(_KEPT)) != number:
        assert time.monotonic() < end
        visitor.page.wait_for_timeout(20)


def _expect_empty_page(visitor: Visitor) -> None:
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    expect(visitor.page.locator("#found")).to_be_hidden()
