"""A server of two collections, between which the reader switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pictures import draw, write
from program import Program
from served import serving
from visitor import Visitor, expect

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def several(gallery: Program) -> Iterator[str]:
    """Where the gallery is served, and a collection of two other pictures."""
    write(gallery.home / "others", 2, first_seed=60)
    assert gallery.here("index", "--collection", "more", "others").code == 0
    with serving(
        gallery, "--collection", f"gallery={gallery.collection}", "--collection", "more=more"
    ) as server:
        yield server.url


def test_the_reader_switches(visit: Callable[..., Visitor], several: str) -> None:
    visitor = visit(several)
    switch = visitor.page.get_by_label("Collection", exact=True)
    expect(switch).to_have_value("gallery")
    expect(switch.locator("option")).to_have_text(["gallery, 24 pictures", "more, 2 pictures"])
    expect(visitor.page.locator("#facts dd").first).to_have_text("24")
    with visitor.page.expect_navigation():
        switch.select_option("more")
    expect(switch).to_have_value("more")
    expect(visitor.page.locator("#facts dd").first).to_have_text("2")
    visitor.page.goto(f"{several}/?collection=more&like=1")
    expect(visitor.cards).to_have_count(2)
    assert {name.split(".")[0] for name in visitor.found()} == {"picture-0060", "picture-0061"}
    thumbnail = visitor.cards.first.locator("img")
    expect(thumbnail).to_have_js_property("naturalWidth", draw(60).width)
    # What is shown, with its collection, is in the address.
    visitor.cards.nth(1).locator("[data-part=again]").click()
    visitor.page.wait_for_url("**/?collection=more&like=2#search")
    visitor.page.reload()
    expect(visitor.cards).to_have_count(2)
    expect(switch).to_have_value("more")


def test_a_collection_that_is_not_there_is_told(visit: Callable[..., Visitor], several: str) -> None:
    visitor = visit(several, "?collection=nowhere")
    expect(visitor.page.get_by_role("alert")).to_have_text("There is no collection called nowhere here")
    expect(visitor.page.get_by_label("Collection", exact=True)).to_have_value("gallery")


def test_a_token_for_one_of_them_leads_to_that_one(visit: Callable[..., Visitor], gallery: Program) -> None:
    write(gallery.home / "few", 3, first_seed=70)
    assert gallery("index", "--collection", "few", "few").code == 0
    made = gallery(
        "token", "create", "ada", "--role", "search", "--only", "few", "--tokens", "t.json", "--json"
    )
    with serving(
        gallery,
        "--collection",
        f"gallery={gallery.collection}",
        "--collection",
        "few=few",
        "--tokens",
        "t.json",
    ) as server:
        visitor = visit(server.url)
        visitor.page.locator("#token-field").fill(made.json["token"])
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#facts dd").first).to_have_text("3")
        expect(visitor.page.locator("#collections")).to_be_hidden()


def test_one_collection_needs_no_switch(visitor: Visitor) -> None:
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    expect(visitor.page.locator("#collections")).to_be_hidden()
