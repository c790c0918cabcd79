"""The review page: cases decided by keys, pictures hidden until they are asked for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageEnhance

import reviewers
from accessible import expect_no_violation
from lookalike import Collection
from lookalike.banks import Banks
from lookalike.review import Review
from lookalike.settings import load_settings
from pictures import draw
from program import Program
from served import serving
from visitor import PHONE, Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]
BOTH = ("[data-side=known] img", "[data-side=checked] img", ".stage .first img", ".stage .second img")


@contextmanager
def opened(program: Program) -> Iterator[Collection]:
    settings = load_settings({"collection": program.collection})
    with Collection.open(create=True, settings=settings) as collection:
        yield collection


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A bank of three pictures and a hash, and four matches that wait: of a copy of each, and of the hash."""
    program = Program(tmp_path_factory.mktemp("review"))
    known, data = program.home / "known", program.home / "hash.png"
    known.mkdir()
    with opened(program) as collection:
        banks, review = Banks(collection), Review(collection)
        banks.create("stolen")
        for seed in range(3):
            draw(seed, 480, 360).save(known / f"known-{seed}.png")
        banks.add("stolen", [known], note="of May", tags=["art"])
        for seed in range(3):
            copy = draw(seed, 480, 360).crop((30, 20, 440, 330))
            path = program.home / f"copy-{seed}.jpg"
            ImageEnhance.Brightness(copy).enhance(1.1).save(path, quality=80)
            review.check(path)
        draw(30, 300, 200).save(data)
        banks.add_hashes("stolen", ["sha256:" + hashlib.sha256(data.read_bytes()).hexdigest()])
        review.check(data)
        assert review.counts() == {"waiting": 4}
    return program


def told_of_veils(visitor: Visitor) -> list[tuple[str, str | None]]:
    """What the two buttons show, and what they tell of their state."""
    buttons = visitor.page.locator(".veils button").all()
    return [
        (button.inner_text().replace("\n", " "), button.get_attribute("aria-pressed")) for button in buttons
    ]


def veil(visitor: Visitor, selector: str) -> str:
    found: str = visitor.page.locator(selector).evaluate("(img) => getComputedStyle(img).filter")
    return found


def as_ada(visitor: Visitor) -> tuple[Any, Any]:
    """The page, which knows now who reviews, and its keyboard."""
    visitor.page.evaluate("localStorage.setItem('lookalike-reviewer', 'Ada')")
    visitor.page.reload()
    return visitor.page, visitor.page.keyboard


def expect_case(visitor: Visitor, name: str) -> None:
    """Wait until the case of a name is shown."""
    expect(visitor.page.locator("[data-side=checked] [data-part=words]")).to_have_text(name)
    expect(visitor.page.locator("[data-side=checked] img")).to_be_visible()


def test_everyone_can_use_it(visit: Visit, program: Program) -> None:
    with serving(program) as server:
        for place, options in (("review?case=2", {}), ("review?case=4", PHONE), ("review?state=gone", PHONE)):
            visitor = visit(server.url, place, reduced_motion="reduce", **options)
            expect(visitor.page.locator("#content")).to_have_attribute(
                "data-state", re.compile("asked|nothing")
            )
            if "case" in place:
                expect(visitor.page.locator("[data-side=checked] img")).to_be_visible()
                visitor.page.locator(".details summary").click()
            if place.endswith("2"):
                expect(visitor.page.locator("#overlay")).to_be_visible()
                expect_no_violation(visitor)
                visitor.page.keyboard.press("v")
            expect_no_violation(visitor)
            assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_cases_are_decided_by_keys_alone(visit: Visit, program: Program) -> None:
    with serving(program) as server:
        visitor = visit(server.url, "review")
        page, keyboard = visitor.page, visitor.page.keyboard
        expect_case(visitor, "copy-0.jpg")
        expect(page.locator("#case-title")).to_have_text("A copy of a picture in stolen")
        visitor.expect_focus("#case-title")
        _expect_hidden_until_asked_for(visitor)
        keyboard.press("v")
        _expect_laid_where_it_belongs(visitor)
        keyboard.press("n")
        visitor.expect_focus("#who-field")
        keyboard.type("Ada")
        keyboard.press("Enter")
        expect_case(visitor, "copy-1.jpg")
        assert "grayscale(1)" in veil(visitor, BOTH[1])  # hidden again
        keyboard.press("u")
        expect_case(visitor, "copy-2.jpg")
        keyboard.press("k")
        expect_case(visitor, "copy-1.jpg")
        expect(page.locator("[data-part=notice]")).to_contain_text("Decided: unsure, by Ada")
        keyboard.press("y")
        expect_case(visitor, "copy-2.jpg")
        program.here("review", "decide", "unsure", "4", "--by", "Bob")
        keyboard.press("j")
        expect_case(visitor, "hash.png")
        expect(page.locator("[data-part=notice]")).to_contain_text("Decided: unsure, by Bob")
        expect(page.locator("[data-side=known]")).to_contain_text("there is no picture to compare with")
        expect(page.locator("#overlay")).to_be_hidden()
        page.locator("#shortcuts").uncheck()
        keyboard.press("k")
        expect_case(visitor, "hash.png")
        page.locator("#case-title").focus()
        visitor.tab_to("[data-decision=confirmed]")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        keyboard.press("Enter")
        expect_case(visitor, "copy-2.jpg")
        visitor.expect_focus("[data-decision=confirmed]")
        keyboard.press("Enter")
        expect(page.locator("#nothing-title")).to_have_text("All is decided")
        page.goto(server.url)
        expect(page.locator("#review-link")).to_be_visible()
    with opened(program) as collection:
        review = Review(collection)
        decided = [(case.row.decision, case.facts()["who"]) for case in review.cases()]
        assert decided == [(word, "Ada") for word in ("not a match", "confirmed", "confirmed", "confirmed")]
        assert [entry.number for entry in review.log.entries()] == [1, 2, 3, 4, 5, 6]
        assert review.log.broken() is None
        assert not review.check(program.home / "copy-0.jpg").reported


def test_what_another_decided_meanwhile_is_not_overwritten_unseen(visit: Visit, program: Program) -> None:
    before = program.here("review", "show", "1", "--json").json["logged"]
    with serving(program) as server:
        visitor = visit(server.url, "review?case=1")
        page, keyboard = as_ada(visitor)
        expect_case(visitor, "copy-0.jpg")
        page.wait_for_load_state("networkidle")  # so that the page does not look again whether it is decided
        replaces = ("--replaces", str(before)) if before else ()
        assert program.here("review", "decide", "unsure", "1", "--by", "Bob", *replaces).code == 0
        keyboard.press("y")
        expect(page.locator("#problem")).to_contain_text("Somebody else has decided this case meanwhile")
        expect(page.locator("[data-part=notice]")).to_contain_text("Decided: unsure, by Bob")
        keyboard.press("y")
        expect(page.locator("#said")).to_contain_text("Confirmed")
        expect(page.locator("#problem")).to_be_hidden()
    with opened(program) as collection:
        first, second = [json.loads(entry.text) for entry in Review(collection).log.entries()][-2:]
    assert (first["who"], first["what"], first["replaces"]) == ("Bob", "unsure", before)
    assert (second["who"], second["what"], second["replaces"]) == ("Ada", "confirmed", first["number"])


def test_thousands_that_wait_are_walked_through_page_by_page(visit: Visit, tmp_path: Path) -> None:
    many = Program(tmp_path / "many")
    reviewers.queue(many.collection, 3000)
    with serving(many) as server:
        visitor = visit(server.url, "review")
        page, keyboard = as_ada(visitor)
        cases = page.locator("#queue a")
        expect_case(visitor, "0.jpg")
        expect(cases).to_have_count(50)
        for end in (50, 100):  # of a page: the case before is looked at, and then three more
            cases.nth(end - 1).click()
            expect_case(visitor, f"{end - 1}.jpg")
            for number in range(end, end + 3):
                keyboard.press("j")
                expect_case(visitor, f"{number}.jpg")
            expect(cases).to_have_count(end + 50)
        keyboard.press("y")
        expect_case(visitor, "103.jpg")
        expect(page.locator("[data-part=place]")).to_contain_text("2,999 waiting")


def _expect_hidden_until_asked_for(visitor: Visitor) -> None:
    for selector in BOTH:
        assert re.fullmatch(r"blur\((?!0px).*\) grayscale\(1\)", veil(visitor, selector)), selector
    assert told_of_veils(visitor) == [("Blur on B", "true"), ("Grey on G", "true")]
    visitor.page.keyboard.press("b")
    visitor.page.get_by_role("button", name="Grey", exact=True, pressed=True).click()
    assert told_of_veils(visitor) == [("Blur off B", "false"), ("Grey off G", "false")]
    for selector in BOTH:
        assert veil(visitor, selector) == "blur(0px) grayscale(0)"


def _expect_laid_where_it_belongs(visitor: Visitor) -> None:
    """The copy shows 410 of 480 and 310 of 360 pixels of the bank's picture, from (30, 20) on."""
    expect(visitor.page.locator(".stage")).to_have_attribute("data-mode", "slide")
    images = [visitor.page.locator(f".layer.{name} img") for name in ("first", "second")]
    for image in images:
        expect(image).to_be_visible()  # it has come, and so has a size
    first, second = (image.bounding_box() for image in images)
    assert first is not None
    assert second is not None
    assert second["width"] / first["width"] == pytest.approx(410 / 480, abs=0.03)
    assert (second["x"] - first["x"]) / first["width"] == pytest.approx(30 / 480, abs=0.02)
    assert (second["y"] - first["y"]) / first["height"] == pytest.approx(20 / 360, abs=0.02)
