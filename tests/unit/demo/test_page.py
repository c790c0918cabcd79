from __future__ import annotations

import base64
import hashlib
import os
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.demo.page import render_page, write_page
from lookalike.demo.report import AlterationScore, DemoMatch, DemoReport, DemoRow
from lookalike.errors import UsageError
from parsed import Page

HOSTILE = os.fsdecode(b"<script>alert('\"1\"')</script>&amp;\n\xff.jpg")
SHOWN = "<script>alert('\"1\"')</script>&amp;\\n\\udcff.jpg"


def tile(colour: tuple[int, int, int], size: tuple[int, int] = (640, 480)) -> Image.Image:
    return Image.new("RGB", size, colour)


def report(collection: str = "a test") -> DemoReport:
    found = DemoMatch(tile((200, 30, 30)), "seas/boat.jpg", 0.9314, is_original=True)
    other = DemoMatch(tile((30, 200, 30), (300, 900)), HOSTILE, -0.1256, is_original=False)
    query = tile((190, 40, 40), (200, 100))
    rows = (
        DemoRow("flip", "Mirrored", query, Path("seas/boat.jpg"), (found, other)),
        DemoRow("crop", "Cropped to 30 % of its area", query, Path("seas/boat.jpg"), (other, found)),
        DemoRow("crop", "Cropped to 30 % of its area", query, Path(HOSTILE), (other, other)),
        DemoRow("none", "Never seen", query, None, (other,)),
    )
    scores = (
        AlterationScore("flip", "Mirrored", (1,) * 12),
        AlterationScore("crop", "Cropped to 30 % of its area", (1, 2, None, None, 3, 1, None)),
    )
    return DemoReport(collection, 1240, 6.2, 1.26, "resnet34", scores, rows)


@pytest.fixture(scope="module")
def html() -> str:
    return render_page(report())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_page_is_well_formed_and_structured(page: Page) -> None:
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    headings = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings == ["h1", "h2", "h2", *["h3"] * 4]
    identifiers = [value for _, attributes in page.tags if (value := attributes.get("id"))]
    assert len(set(identifiers)) == len(identifiers)
    targets = {(attributes["href"] or "").removeprefix("#") for attributes in page.all("a")}
    assert targets == {"example-1", "example-2", "example-3", "example-4"} <= set(identifiers)


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(page: Page, html: str) -> None:
    assert not re.search(r"https?:|//[a-z]|url\(|@import", html.replace("base64,//", ""))
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "link", "iframe", "object", "embed", "form", "base", "audio", "video"})
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_the_policy_allows_this_style_and_data_images_only(page: Page) -> None:
    policies = [
        tag["content"] for tag in page.all("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = page.text("style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policies == [
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]


def test_every_picture_is_inside_the_page_small_and_described(page: Page) -> None:
    pictures = page.all("img")
    assert len(pictures) == 4 + 4 + 7
    for attributes in pictures:
        assert attributes["alt"]
        kind, _, data = (attributes["src"] or "").partition(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(BytesIO(base64.b64decode(data, validate=True))) as image:
            image.load()
            assert image.format == "JPEG"
            assert (str(image.width), str(image.height)) == (attributes["width"], attributes["height"])
            assert max(image.size) <= 440


def test_the_pictures_are_those_of_the_report(page: Page) -> None:
    sources = [str(tag["src"]) for tag in page.all("img") if str(tag["alt"]).endswith("seas/boat.jpg")]
    assert len(sources) == 2
    for source in sources:
        with Image.open(BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            assert image.width / image.height == pytest.approx(4 / 3, abs=0.01)
            np.testing.assert_allclose(np.asarray(image).mean(axis=(0, 1)), (200, 30, 30), atol=4)


def test_hostile_names_are_shown_and_do_nothing(page: Page, html: str) -> None:
    assert page.text("span").count(SHOWN) == 5
    assert [tag["alt"] for tag in page.all("img")].count(f"Match 1: {SHOWN}") == 3
    assert f"The original, {SHOWN}, is not among these." in page.text("p")
    assert "alert('" not in html
    html.encode("utf-8")


def test_every_text_from_outside_is_escaped() -> None:
    hostile = "<b>\"'&\u202e"
    shown = "<b>\"'&\\u202e"
    score = AlterationScore(hostile, hostile, (1,))
    row = DemoRow(hostile, hostile, tile((1, 2, 3)), None, ())
    page = Page(render_page(DemoReport(hostile, 1, 1.0, 1.0, hostile, (score,), (row,))))
    assert "b" not in {tag for tag, _ in page.tags}
    assert page.text("h3") == [shown]
    assert page.text("dd")[-1] == shown
    assert page.cells[1][0] == shown
    assert f"searched for in {shown}." in page.text("p")[1]


def test_the_summary_counts_misses_too(page: Page) -> None:
    assert page.cells == [
        ["The copy was", "First", "Lower", "Missed"],
        ["Mirrored", "12 of 12", "0", "0"],
        ["Cropped to 30\u00a0% of its area", "2 of 7", "2", "3"],
        ["All", "14 of 19", "2", "3"],
    ]
    assert page.text("em") == ["14"]
    assert " of 19 altered copies led straight back to their original." in page.text("h1")


def test_bars_are_as_long_as_the_counts(page: Page) -> None:
    boxes = [tag["viewbox"] for tag in page.all("svg") if tag.get("preserveaspectratio")]
    assert boxes == ["0 0 12 1", "0 0 7 1"]
    bars = [(tag["class"], tag["x"], tag["width"]) for tag in page.all("rect")]
    assert bars == [
        ("bar-first", "0", "12"),
        ("bar-lower", "12", "0"),
        ("bar-first", "0", "2"),
        ("bar-lower", "2", "2"),
    ]


def test_every_example_says_how_it_went(page: Page) -> None:
    paragraphs = page.text("p")
    verdicts = [
        "Original found first",
        "Original found, but only at rank 2",
        "Original missed: not among the first 2",
        "Not in the collection; these only look like it",
    ]
    assert [text for text in paragraphs if text in verdicts] == verdicts
    labels = page.text("strong")
    assert labels.count("0.931 · original") == 2
    assert labels.count("\u22120.126") == 5
    assert sum(1 for tag in page.all("li") if tag.get("class") == "original") == 2


def test_the_facts_are_those_measured(page: Page) -> None:
    assert page.text("dt") == [
        "pictures",
        "to index them",
        "pictures per second",
        "per search, median",
        "embedder",
    ]
    assert page.text("dd") == ["1,240", "6.2 s", "200", "1.3 ms", "resnet34"]


def test_the_page_is_written_into_a_new_folder_and_replaced(tmp_path: Path, html: str) -> None:
    target = tmp_path / "out" / "page.html"
    write_page(report("first"), target)
    write_page(report(), target)
    assert target.read_text(encoding="utf-8") == html


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match=r"page\.html cannot be written"):
        write_page(report(), tmp_path / "file" / "page.html")
