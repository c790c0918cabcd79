"""The frame that all written pages share."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from contrast import colours, contrast
from lookalike.pages import document, style_of, text, thumbnail, unbroken


def digest(of: str) -> str:
    return base64.b64encode(hashlib.sha256(of.encode()).digest()).decode()


def test_a_document_allows_its_own_style_and_script_alone() -> None:
    page = document("1 < 2", "<p>é</p>", style="p{}", script="let a;")
    assert page.startswith("<!doctype html>\n")
    assert "<title>1 &lt; 2</title>" in page
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    allowed = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert allowed == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest('p{}')}'",
        "script-src": f"'sha256-{digest('let a;')}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "script" not in document("", "", style="")


@pytest.mark.parametrize(("dark", "names"), [(False, "light"), (True, "dark")])
def test_text_stands_out(dark: bool, names: str) -> None:
    shades = colours(style_of("lookalike.pages"))[dark]
    for name, least in (("text", 4.5), ("quiet", 4.5), ("accent", 4.5), ("edge", 3)):  # WCAG 2.2, level AA
        assert contrast(shades[name], shades["ground"]) >= least, (names, name)


def test_any_text_is_text() -> None:
    assert text(Path("a<b>\n\"'&.jpg")) == "a&lt;b&gt;\\n&quot;&#x27;&amp;.jpg"
    assert text("\udcff") == "\\udcff"
    assert unbroken("to 80 % of <it>") == "to 80&nbsp;% of &lt;it&gt;"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_thumbnail_is_inside_the_page(mode: str) -> None:
    image = Image.new("RGB", (400, 100), (200, 40, 40)).convert(mode)
    markup = thumbnail(image, 80, "a &lt; b")
    match = re.fullmatch(
        r'<img src="data:image/jpeg;base64,(.*)" width="80" height="20" alt="a &lt; b">', markup
    )
    assert match is not None
    with Image.open(io.BytesIO(base64.b64decode(match[1]))) as small:
        assert small.size == (80, 20)
    assert image.size == (400, 100)
