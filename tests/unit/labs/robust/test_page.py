"""The page of ``lab robust``: it holds what was measured, needs nothing else, and trusts no file name."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

from contrast import colours, contrast
from lookalike.embed import load_embedder
from lookalike.labs.robust.measuring import measure
from lookalike.labs.robust.methods import METHODS
from lookalike.labs.robust.reading import read_pictures
from lookalike.labs.robust.result import Setting
from lookalike.labs.robust.writing import write_robustness
from lookalike.labs.shared.results import read_facts
from lookalike.pages import style_of
from lookalike.settings import Settings
from parsed import Page
from pictures import draw

SETTINGS = Settings(threads=1)
HOSTILE = "<img src=x onerror=alert(1)> \" ' & \n.png"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the result was written; all files have hostile names, and so has their folder."""
    made = tmp_path_factory.mktemp("robust")
    pictures = made / "<script>x"
    pictures.mkdir()
    for number in range(6):
        draw(number).save(pictures / f"{number}{HOSTILE}")
    embedder = load_embedder("lite0")
    known = read_pictures(pictures, embedder, made / "described", SETTINGS)
    found = measure(known, embedder, Setting(4, 0.01, 0, quick=True), SETTINGS)
    write_robustness(found, made / "out", SETTINGS)
    return made / "out"


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "robust.html").read_text("utf-8"))


def test_it_needs_nothing_else(page: Page) -> None:
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "b"}
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name == "src":
                assert (tag, (value or "")[:23]) == ("img", "data:image/jpeg;base64,")
            if name == "href":
                assert (value or "").startswith("#")
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in (policy or "")
    for name in ("page.css", "tables.css"):
        style = resources.files("lookalike.labs.robust").joinpath(name).read_text("utf-8")
        assert not re.search(r"url\(|@import|http", style)


def test_names_are_text(page: Page, folder: Path) -> None:
    escaped = HOSTILE.replace("\n", "\\n")
    shown = [text for _, text in page.texts if escaped in text]
    assert len(shown) == 2 * 6 + 1  # the pairs that are shown, and whose copies the examples are
    assert {attributes.get("alt") for tag, attributes in page.tags if tag == "img"} >= {f"0{escaped}"}
    assert any("<script>x" in text for _, text in page.texts)
    assert "<img src=x" not in (folder / "robust.html").read_text("utf-8")


def test_it_holds_what_was_measured(page: Page, folder: Path) -> None:
    facts = read_facts(folder / "robust.json")
    rows = {row[0]: row[1:] for row in page.cells}
    for row in facts["alterations"]:
        name = row["description"].replace(" %", "\N{NO-BREAK SPACE}%") + ("mild" if row["mild"] else "")
        values = [row[measure][method] for measure in ("first", "found") for method in METHODS]
        assert rows[name] == [">99" if 0.995 <= value < 1 else f"{100 * value:.0f}" for value in values]
    examples = [tag for tag, attributes in page.tags if tag == "img" and attributes["alt"] == ""]
    assert len(examples) == len(facts["alterations"])
    assert rows["PDQ"][0] == f"{facts['borders']['PDQ']['within']:.0f} of 256 bits"


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_numbers_can_be_read_on_every_colour(scheme: int) -> None:
    """WCAG 2.2 contrast of 4.5 or more at both ends, and so with every mixture of these."""
    shades = colours(style_of("lookalike.labs.robust", "page.css"))[scheme]
    for ground in ("ground", "full"):
        assert contrast(shades["text"], shades[ground]) >= 4.5
