"""The duplicates view: groups as the library finds them, and decisions that it remembers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import ImageEnhance

from accessible import expect_no_violation
from lookalike import Collection
from lookalike.settings import load_settings
from pictures import draw, write
from program import Program
from served import serving
from visitor import PHONE, Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A collection of eight pictures, three with a copy, one of these in the same bytes."""
    program = Program(tmp_path_factory.mktemp("doubled"))
    for seed in range(8):
        path = program.home / "pictures" / f"picture-{seed}.png"
        path.parent.mkdir(exist_ok=True)
        draw(seed, 320, 240).save(path)
    copies = program.home / "pictures" / "copies"
    copies.mkdir()
    draw(1, 320, 240).rotate(-90, expand=True).save(copies / "turned.png")
    bright = ImageEnhance.Brightness(draw(3, 320, 240).resize((200, 150)))
    bright.enhance(1.1).save(copies / "small.jpg", quality=85)
    shutil.copy(program.home / "pictures" / "picture-5.png", copies / "again.png")
    with _opened(program, create=True) as collection:
        collection.add([program.home / "pictures"])
    return program


@pytest.fixture(scope="module")
def running(doubled: Program) -> Iterator[str]:
    """Where it is served."""
    with serving(doubled) as server:
        yield server.url


@pytest.fixture
def served(running: str, doubled: Program) -> str:
    """Where it is served; nothing has been decided yet."""
    assert doubled.here("duplicates", "--forget-decisions").code == 0
    return running


def test_groups_are_those_that_the_library_finds(visit: Visit, served: str, doubled: Program) -> None:
    visitor = _shown(visit, served)
    with _opened(doubled) as collection:
        expected = list(collection.duplicates())
    assert _files(visitor) == {frozenset(_names(group)) for group in expected}
    assert _files(visitor) == {
        frozenset({"picture-1.png", "turned.png"}),
        frozenset({"picture-3.png", "small.jpg"}),
        frozenset({"picture-5.png", "again.png"}),
    }
    expect(visitor.page.locator("#duplicates-status")).to_have_text("3 groups of copies. 3 files could go.")
    group = visitor.page.locator(".group").filter(has_text="small.jpg")
    expect(group.locator("[data-part=reason]")).to_contain_text("Keep picture-3.png")
    kept = group.locator(".member").filter(has=visitor.page.locator(".badge:visible"))
    expect(kept.locator("[data-part=file]")).to_have_text("picture-3.png")
    expect(kept.locator("[data-part=facts]")).to_contain_text("320 × 240")
    turned = visitor.page.locator(".group").filter(has_text="turned.png")
    expect(turned.get_by_text("Turned by 90°")).to_be_visible()


def test_a_card_bears_the_name_of_the_file_to_keep(visit: Visit, tmp_path: Path) -> None:
    """The file to keep is the one with the shortest path, which is not the first by name."""
    program = Program(tmp_path)
    first, kept = tmp_path / "pictures" / "a" / "deep" / "copy.png", tmp_path / "pictures" / "kept.png"
    first.parent.mkdir(parents=True)
    draw(5, 320, 240).save(first)
    shutil.copy(first, kept)
    with _opened(program, create=True) as collection:
        collection.add([tmp_path / "pictures"])
    with serving(program) as server:
        visitor = visit(server.url, "#duplicates")
        group = visitor.page.locator(".group")
        expect(group.locator("[data-part=reason]")).to_contain_text("Keep kept.png")
        expect(group.locator("[data-part=file]")).to_have_text("kept.png")
        expect(group.locator("[data-part=others] li")).to_have_text("pictures/a/deep/copy.png")


def test_a_group_tells_what_is_left_alone_and_what_acts_on_it(visit: Visit, tmp_path: Path) -> None:
    program = Program(tmp_path)
    folder = tmp_path / "pictures"
    folder.mkdir()
    draw(1, 320, 240).save(folder / "whole.png")
    draw(1, 320, 240).crop((20, 20, 300, 230)).save(folder / "crop-with-a-name-that-is-long-for-a-phone.jpeg")
    shutil.copy(folder / "whole.png", folder / "again.png")
    (folder / "link.png").symlink_to(folder / "whole.png")
    with _opened(program, create=True) as collection:
        collection.add([folder])
        (expected,) = collection.duplicates()
    with serving(program) as server:
        visitor = visit(server.url, "#duplicates")
        group = visitor.page.locator(".group:not([aria-hidden])")
        expect(group.locator("[data-part=spare]")).to_have_text("1 file could go; 2 files are left alone.")
        expect(group.locator("[data-part=alike]")).to_contain_text(f"Group {expected.group_id}, least")
        expect(visitor.page.locator("#duplicates-status")).to_have_text("1 group of copies. 1 file could go.")
        crop = group.locator(".member").filter(has_text="crop-with")
        expect(crop.locator("[data-part=left]")).to_have_text("Left alone unless --edited is given.")
        expect(group.locator(".others").first).to_contain_text(
            "link.png – Left alone: a symbolic link, which takes no space."
        )
        command = visitor.page.locator(".acting [data-part=command]")
        expect(command).to_have_text("lookalike duplicates --keep largest --trash")
        visitor.page.select_option("#duplicates-settings [name=fpr]", label="1 pair in 1,000")
        expect(command).to_have_text("lookalike duplicates --fpr 0.001 --keep largest --trash")
        phone = visit(server.url, "#duplicates", **PHONE).page
        reason = phone.locator(".group .reason")
        expect(reason).to_contain_text("Keep ")
        width, whole = (phone.locator(part).bounding_box()["width"] for part in (".group .reason", ".group"))
        assert width == pytest.approx(whole, abs=1)  # not squeezed beside the button
        lines = "element => { const line = document.createRange(); line.selectNodeContents(element);"
        lines += " return line.getClientRects().length; }"
        file = phone.locator(".member [data-part=file]").filter(has_text="crop-with")
        assert file.evaluate(lines) > 1
        assert file.locator(".ending").evaluate(lines) == 1


def test_what_is_no_match_is_never_grouped_again(visit: Visit, served: str, doubled: Program) -> None:
    visitor = _shown(visit, served)
    turned = visitor.page.locator(".group").filter(has_text="turned.png")
    turned.get_by_role("button", name="is not a match").press("Enter")
    expect(visitor.page.locator(".group")).to_have_count(2)
    expect(visitor.page.locator(".group button:focus")).to_have_count(1)
    expect(visitor.page.locator("#said")).to_have_text("Not a match. That is remembered.")
    visitor.page.reload()
    expect(visitor.page.locator("#duplicates-status")).to_have_text("2 groups of copies. 2 files could go.")
    with _opened(doubled) as collection:
        names = [_names(group) for group in collection.duplicates()]
    assert not [group for group in names if "turned.png" in group]


def test_all_can_be_kept(visit: Visit, served: str, doubled: Program) -> None:
    visitor = _shown(visit, served)
    for left in (2, 1, 0):
        visitor.page.get_by_role("button", name="Keep all").first.click()
        expect(visitor.page.locator(".group:not([aria-hidden])")).to_have_count(left)
    expect(visitor.page.locator("#duplicates-status")).to_have_text("No duplicates found.")
    expect(visitor.page.get_by_text("No picture here is a copy of another.")).to_be_visible()
    pictures = doubled.home / "pictures"
    assert len(list(pictures.rglob("*.*"))) == 11  # no file is touched


def test_two_of_a_group_are_compared_and_a_link_keeps_what_was_asked(visit: Visit, served: str) -> None:
    visitor = _shown(visit, served)
    visitor.page.get_by_role("button", name="Compare small.jpg with picture-3.png").click()
    expect(visitor.page.locator("#verdict h2")).to_have_text("One is a copy of the other")
    visitor.page.go_back()
    expect(visitor.page.locator(".group:not([aria-hidden])")).to_have_count(3)
    visitor.page.select_option("#duplicates-settings [name=fpr]", label="1 pair in 1,000")
    expect(visitor.page.locator("#view-duplicates")).to_have_attribute("data-state", "found")
    assert "fpr=0.001" in visitor.page.url
    visitor.page.reload()
    expect(visitor.page.locator(".group:not([aria-hidden])")).to_have_count(3)
    expect(visitor.page.locator("#duplicates-settings [name=fpr]")).to_have_value("0.001")


def test_everyone_can_use_it(visit: Visit, served: str) -> None:
    visitor = _shown(visit, served, reduced_motion="reduce")
    expect_no_violation(visitor)
    visitor = _shown(visit, served, reduced_motion="reduce", **PHONE)
    expect_no_violation(visitor)
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_collection_without_copies(visit: Visit, tmp_path: Path) -> None:
    program = Program(tmp_path)
    write(tmp_path / "pictures", 3)
    with _opened(program, create=True) as collection:
        collection.add([tmp_path / "pictures"])
        assert not list(collection.duplicates())
    with serving(program) as server:
        visitor = visit(server.url, "#duplicates", reduced_motion="reduce")
        expect(visitor.page.locator("#duplicates-status")).to_have_text("No duplicates found.")
        expect_no_violation(visitor)


def _opened(program: Program, *, create: bool = False) -> Collection:
    return Collection.open(create=create, settings=load_settings({"collection": program.collection}))


def _shown(visit: Visit, served: str, **options: object) -> Visitor:
    visitor = visit(served, "#duplicates", **options)
    expect(visitor.page.locator("#duplicates-status")).to_have_text(
        re.compile(r"^\d groups of copies\. \d files could go\.$")
    )
    return visitor


def _names(group: object) -> set[str]:
    return {path.name for member in group.members for path in member.paths}  # type: ignore[attr-defined]


def _files(visitor: Visitor) -> set[frozenset[str]]:
    """Names of the files in each group shown."""
    found = set()
    for group in visitor.page.locator(".group:not([aria-hidden])").all():
        names = group.locator("[data-part=file]").all_text_contents()
        others = group.locator("[data-part=others] li").all_text_contents()
        found.add(frozenset([*names, *(other.rpartition("/")[2] for other in others)]))
    return found
