"""Adding pictures on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pictures import draw, write
from visitor import Visitor, expect

pytestmark = pytest.mark.slow


def test_what_is_added_is_found(
    visit: Callable[..., Visitor], growing: str, copy: Callable[[int], Path], tmp_path: Path
) -> None:
    visitor = visit(growing, "#add")
    files = write(tmp_path / "new", 6, first_seed=500)
    (tmp_path / "notes.txt").write_text("no picture at all")
    chooser = visitor.page.locator("#add-intake [data-part=choose]")
    chooser.set_input_files([*files, tmp_path / "notes.txt"])
    expect(visitor.page.locator("#add-status")).to_have_text("6 pictures added, 1 rejected.")
    progress = visitor.page.locator("#adding progress")
    assert progress.evaluate("(bar) => bar.value") == progress.evaluate("(bar) => bar.max") == 7
    expect(visitor.page.locator(".entry.rejected [data-part=name]")).to_have_text("notes.txt")
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    visitor.choose(copy(503))
    _expect_found(visitor, files[3])
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text(files[3].name)


def test_what_is_there_already_is_not_added_twice(
    visit: Callable[..., Visitor], growing: str, tmp_path: Path
) -> None:
    visitor = visit(growing, "#add")
    files = write(tmp_path / "known", 1)
    visitor.page.locator("#add-intake [data-part=choose]").set_input_files(files)
    expect(visitor.page.locator("#add-status")).to_have_text("0 pictures added, 1 there already.")


def test_a_pasted_picture_is_added_and_searched_by(visit: Callable[..., Visitor], growing: str) -> None:
    visitor = visit(growing, "#add")
    visitor.paste(draw(600))
    expect(visitor.page.locator("#add-status")).to_have_text("1 picture added.")
    visitor.page.get_by_role("button", name="Search by this").click()
    visitor.wait()
    expect(visitor.cards.first.locator("[data-part=similarity]")).to_have_text("1.000")


def _expect_found(visitor: Visitor, file: Path) -> None:
    """The first match's path leads to what was added."""
    path = visitor.cards.first.locator(".path").get_attribute("title")
    assert path is not None
    assert Path(path).read_bytes() == file.read_bytes()
