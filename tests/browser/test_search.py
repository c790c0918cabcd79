"""Searching on the page: every way in, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike import Collection
from pictures import draw
from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Copy = Callable[[int], Path]


def test_a_chosen_file_finds_its_original_first_whose_path_can_be_copied(
    visitor: Visitor, copy: Copy, collection: Collection, gallery: Program
) -> None:
    visitor.choose(copy(3))
    expected = collection.search(copy(3), 10)
    assert visitor.found() == [match.path.name for match in expected]
    assert visitor.found()[0] == "picture-0003.png"
    first = visitor.cards.first
    expect(first.locator("[data-part=similarity]")).to_have_text(f"{expected[0].similarity:.3f}")
    expect(first.locator("[data-part=place]")).to_have_text("pictures/first")
    expect(visitor.page.locator("#found-status")).to_contain_text(f"The nearest 10 of {len(collection)}")
    expect(first.locator("img")).to_have_js_property("naturalWidth", draw(3).width)
    visitor.expect_focus("#found-title")
    first.locator("[data-part=copy]").click()
    expect(visitor.page.locator("#said")).to_have_text("Path copied")
    path = visitor.page.evaluate("navigator.clipboard.readText()")
    assert path == str(gallery.home / "pictures" / "first" / "picture-0003.png")


def test_a_file_that_is_gone_is_marked(visitor: Visitor, copy: Copy, gallery: Program) -> None:
    path = gallery.home / "pictures" / "first" / "picture-0003.png"
    away = path.rename(gallery.home / "away.png")
    try:
        visitor.choose(copy(3))
    finally:
        away.rename(path)
    assert visitor.found()[0] == "picture-0003.png (gone)"
    assert "(gone)" not in visitor.found()[1]
    expect(visitor.cards.first.locator(".path")).to_have_attribute("title", f"{path} (gone)")


def test_a_dropped_file_and_a_pasted_picture(visitor: Visitor, copy: Copy) -> None:
    assert "over" in visitor.drag(copy(14), onto="#intake")
    visitor.drop(copy(14), onto="h1")
    visitor.wait()
    assert visitor.found()[0] == "picture-0014.webp"
    expect(visitor.page.locator("html")).not_to_have_class(re.compile("dragging"))
    visitor.paste(draw(5).resize((80, 60)))
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text("picture-0005.webp")


def test_an_animation_is_said_to_be_compared_in_part(visitor: Visitor, copy: Copy, tmp_path: Path) -> None:
    said = "one of its several frames or pages was looked at."
    status = visitor.page.locator("#found-status")
    visitor.choose(copy(5))
    expect(status).not_to_contain_text("part")
    draw(5).save(tmp_path / "moving.gif", save_all=True, append_images=[draw(6)], duration=80)
    visitor.choose(tmp_path / "moving.gif")
    expect(status).to_contain_text(f"Only a part of the query was compared: {said}")
    visitor.page.get_by_role("button", name=re.compile(r"1: picture-")).first.click()
    expect(visitor.page.locator("#verdict")).to_contain_text(f"first picture: {said}")


def test_an_address_that_may_not_be_fetched_and_a_server_that_is_gone(visitor: Visitor, copy: Copy) -> None:
    visitor.page.fill("#address", "http://127.0.0.1:1/picture.jpg")
    visitor.page.keyboard.press("Enter")
    problem = visitor.page.get_by_role("alert")
    expect(problem).to_contain_text("not on the public internet")
    expect(visitor.cards).to_have_count(0)
    visitor.choose(copy(1))
    expect(problem).to_be_hidden()
    visitor.page.context.set_offline(True)
    visitor.page.locator("#intake [data-part=choose]").set_input_files(copy(2))
    expect(problem).to_have_text("The server does not answer. Is it still running?")


def test_a_file_that_is_no_picture_and_one_that_is_gone_since_it_was_chosen(
    visitor: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture at all")
    visitor.page.locator("#intake [data-part=choose]").set_input_files(tmp_path / "notes.txt")
    problem = visitor.page.get_by_role("alert")
    expect(problem).to_have_text(re.compile("^“notes.txt” cannot be searched for: not a JPEG, .* image[.]$"))
    expect(visitor.page.locator("#query")).to_be_hidden()
    expect(visitor.page.locator("#found")).to_be_hidden()
    visitor.expect_focus("#search-title")
    visitor.page.reload()  # it is not asked for again
    expect(visitor.page.locator("#facts")).to_be_visible()
    expect(problem).to_be_hidden()
    draw(3).save(tmp_path / "mine.png")
    visitor.choose(tmp_path / "mine.png")
    expect(visitor.page.locator("#query [data-part=name]")).to_have_text("mine.png")
    expect(visitor.cards.first).to_be_visible()
    (tmp_path / "mine.png").unlink()
    visitor.open_settings()
    visitor.page.select_option("[name=metric]", "manhattan")
    expect(problem).to_contain_text("Choose it again")


def test_searching_by_a_result_and_going_back(visitor: Visitor, copy: Copy, collection: Collection) -> None:
    visitor.choose(copy(7))
    before = visitor.found()
    other = collection.search(copy(7), 2)[1].path
    visitor.cards.nth(1).locator("[data-part=again]").click()
    expect(visitor.page.locator("#query [data-part=name]")).to_have_text(other.name)
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text(other.name)
    visitor.wait()
    assert visitor.found() == [match.path.name for match in collection.search(other, 10)]
    visitor.page.go_back()
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text(before[0])
    assert visitor.found() == before
