"""What axe-core has to say about each view, in both colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accessible import expect_no_violation
from visitor import PHONE, Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]
Copy = Callable[[int], Path]


def test_search(visit: Visit, copy: Copy) -> None:
    visitor = visit(reduced_motion="reduce")
    expect(visitor.page.locator("#facts dd").first).to_be_visible()
    expect_no_violation(visitor)
    visitor.choose(copy(3))
    expect_no_violation(visitor)
    visitor.open_settings()
    expect_no_violation(visitor)
    visitor.page.get_by_role("switch").check()
    expect(visitor.page.locator("[data-part=overlap]")).not_to_be_empty()
    expect_no_violation(visitor)
    visitor.page.fill("#address", "http://127.0.0.1:1/")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect_no_violation(visitor)


def test_compare(visit: Visit, copy: Copy) -> None:
    visitor = visit(path="#compare", reduced_motion="reduce")
    expect_no_violation(visitor)
    for side, seed in (("a", 3), ("b", 3)):
        visitor.page.locator(f"[data-slot={side}] [data-part=choose]").set_input_files(copy(seed))
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    for name in ("Blink", "Difference", "Slide"):
        if visitor.page.get_by_role("radio", name=name).is_enabled():
            visitor.page.get_by_role("radio", name=name).check()
            expect_no_violation(visitor)


def test_add(visit: Visit, growing: str, copy: Copy, tmp_path: Path) -> None:
    visitor = visit(growing, "#add", reduced_motion="reduce")
    expect_no_violation(visitor)
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture at all")
    visitor.page.locator("#add-intake [data-part=choose]").set_input_files([copy(700), notes])
    expect(visitor.page.locator(".entry")).to_have_count(2)
    expect_no_violation(visitor)


def test_on_a_phone(visit: Visit, copy: Copy) -> None:
    visitor = visit(**PHONE, reduced_motion="reduce")
    visitor.choose(copy(3))
    expect_no_violation(visitor)
