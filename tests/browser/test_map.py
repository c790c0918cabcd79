"""The link to the map of the collection, where one has been made."""

from __future__ import annotations

import pytest

from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

MAP = "<!doctype html><title>no script</title><script>document.title = `map of ${origin}`</script>"


def test_the_map_opens_in_a_tab_of_its_own(visitor: Visitor, gallery: Program) -> None:
    link = visitor.page.get_by_role("link", name="Map of the collection")
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    expect(link).to_be_hidden()
    file = gallery.collection / "map" / "map.html"
    file.parent.mkdir()
    file.write_text(MAP)
    try:
        visitor.page.reload()
        with visitor.page.context.expect_page() as opened:
            link.click()
        expect(opened.value).to_have_title("map of null")  # its scripts run, but not as this server's
    finally:
        file.unlink()
        file.parent.rmdir()
