"""A server that asks for a token, seen by the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pictures import draw
from program import Program
from served import serving
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

TOKEN = "the-token-of-this-test-0123456789"


@pytest.fixture(scope="module")
def guarded(gallery: Program) -> Iterator[str]:
    """Where the gallery is served to those who know the token."""
    file = gallery.home / "token"
    file.write_text(TOKEN)
    file.chmod(0o600)
    with serving(gallery, "--token", file) as server:
        yield server.url


def test_the_token_is_asked_for_once(
    visit: Callable[..., Visitor], guarded: str, copy: Callable[[int], Path]
) -> None:
    visitor = visit(guarded)
    dialog = visitor.page.get_by_role("dialog", name="This collection asks for a token")
    expect(dialog).to_be_visible()
    visitor.expect_focus("#token-field")
    visitor.page.keyboard.type("a wrong one")
    visitor.page.keyboard.press("Enter")
    expect(dialog).to_contain_text("That was not it")
    visitor.page.keyboard.type(TOKEN)
    visitor.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    visitor.choose(copy(3))
    assert visitor.found()[0] == "picture-0003.png"
    thumbnail = visitor.cards.first.locator("img")
    expect(thumbnail).to_have_js_property("naturalWidth", draw(3).width)
    with visitor.page.context.expect_page() as opened:
        visitor.cards.first.locator("[data-part=open]").click()
    expect(opened.value.locator("img")).to_have_js_property("naturalWidth", draw(3).width)
    # The page searches again with the picture it kept, which takes the place of the collection's facts.
    visitor.page.reload()
    expect(visitor.cards.first).to_contain_text("picture-0003.png")
    expect(dialog).to_be_hidden()


def test_an_original_that_is_gone_is_told(
    visit: Callable[..., Visitor], guarded: str, copy: Callable[[int], Path], gallery: Program
) -> None:
    visitor = visit(guarded)
    visitor.page.locator("#token-field").fill(TOKEN)
    visitor.page.keyboard.press("Enter")
    visitor.choose(copy(3))
    assert visitor.found()[0] == "picture-0003.png"
    (file,) = (gallery.home / "pictures").rglob("picture-0003.png")
    data = file.read_bytes()
    file.unlink()
    try:
        visitor.cards.first.locator("[data-part=open]").click()
        expect(visitor.page.get_by_role("alert")).to_contain_text("are gone or hold something else now")
    finally:
        file.write_bytes(data)


def test_without_it_one_line_says_so(visit: Callable[..., Visitor], guarded: str) -> None:
    visitor = visit(guarded)
    visitor.page.get_by_role("button", name="Cancel").click()
    expect(visitor.page.get_by_role("alert")).to_have_text("This collection can only be seen with a token.")
