"""The page below a path, as a proxy shows it to a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pictures import draw
from program import Program
from served import serving
from visitor import Visitor, expect

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def below(gallery: Program) -> Iterator[str]:
    """Where the gallery is served."""
    with serving(gallery, "--root-path", "/lookalike") as server:
        yield server.url


def test_the_page_asks_below_its_own_path(
    visit: Callable[..., Visitor], below: str, copy: Callable[[int], Path]
) -> None:
    visitor = visit(below, "lookalike/")
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.reload()
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    visitor.choose(copy(3))
    assert visitor.found()[0] == "picture-0003.png"
    thumbnail = visitor.cards.first.locator("img")
    expect(thumbnail).to_have_js_property("naturalWidth", draw(3).width)
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((f"{below}/lookalike/", "blob:"))] == []
    assert visitor.page.url.startswith(f"{below}/lookalike/")
