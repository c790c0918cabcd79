"""The frame that all written pages share, and what becomes of what is put into a page."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup
from PIL import Image

from contrast import colours, contrast
from lookalike.pages import document, render, style_of
from lookalike.pages.inlined import data_uri, inlined

PACKAGE = "page_under_test"
FILES = {
    "page.html": '{% extends "document.html" %}{% block title %}{{ title }}{% endblock %}'
    "{% block body %}<p>é</p>{% endblock %}",
    "value.html": '<p title="{{ value }}">{{ value }}</p>',
    "text.html": "{{ value }}",
    "unbroken.html": "{{ value|unbroken }}",
    "own.css": "b{}",
    "json.html": "{{ value|tojson }}",
    "picture.html": '{% from "parts.html" import picture %}{{ picture(value, 80, "a < b") }}',
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with templates and a style of its own."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return PACKAGE


def digest(of: str) -> str:
    return base64.b64encode(hashlib.sha256(of.encode()).digest()).decode()


def test_a_document_allows_its_own_style_and_script_alone(package: str) -> None:
    page = document(package, style="p>a{}", script="1 < 2", title="1 < 2")
    assert page.startswith("<!doctype html>\n")
    assert "<title>1 &lt; 2</title>" in page
    assert "<p>é</p>" in page
    assert "<style>p>a{}</style>" in page
    assert "<script>1 < 2</script>" in page
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    allowed = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert allowed == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest('p>a{}')}'",
        "script-src": f"'sha256-{digest('1 < 2')}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "script" not in document(package, style="", title="")


def test_a_style_is_that_of_all_pages_then_what_is_named(package: str) -> None:
    base, article = style_of("lookalike.pages"), style_of("lookalike.pages", "article.css")
    assert article.startswith(f"{base}\n")
    assert "--width: 74rem" in article.removeprefix(base)
    assert style_of(package, "article.css", "own.css") == f"{article}\nb{{}}"
    with pytest.raises(FileNotFoundError, match=r"no\.css"):
        style_of(package, "no.css")


@pytest.mark.parametrize(("dark", "names"), [(False, "light"), (True, "dark")])
def test_text_stands_out(dark: bool, names: str) -> None:
    shades = colours(style_of("lookalike.pages"))[dark]
    for name, least in (("text", 4.5), ("quiet", 4.5), ("accent", 4.5), ("edge", 3)):  # WCAG 2.2, level AA
        assert contrast(shades[name], shades["ground"]) >= least, (names, name)


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("text.html", Path("a<b>\n\"'&.jpg"), "a&lt;b&gt;\\n&#34;&#39;&amp;.jpg"),
        ("value.html", "\"<'", '<p title="&#34;&lt;&#39;">&#34;&lt;&#39;</p>'),
        ("value.html", "\udcff", '<p title="\\udcff">\\udcff</p>'),
        ("value.html", 1.5, '<p title="1.5">1.5</p>'),
        ("value.html", Markup("<b>\n</b>"), '<p title="<b>\n</b>"><b>\n</b></p>'),
        ("unbroken.html", "to 80 % of <it>", "to 80&nbsp;% of &lt;it&gt;"),
        ("json.html", ["</script>", "'\udcff"], '["\\u003c/script\\u003e","\\u0027\\udcff"]'),
    ],
)
def test_any_text_is_text(package: str, template: str, value: Any, expected: str) -> None:
    assert render(package, template, value=value) == expected


def test_what_a_template_names_must_be_there(package: str) -> None:
    with pytest.raises(UndefinedError, match="value"):
        render(package, "value.html")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_picture_is_inside_the_page(mode: str) -> None:
    image = Image.new("RGB", (400, 100), (200, 40, 40)).convert(mode)
    made = inlined(image, 80)
    assert (made.width, made.height) == (80, 20)
    kind, _, data = made.source.partition(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as small:
        assert small.size == (80, 20)
        assert small.getpixel((40, 10)) == pytest.approx((200, 40, 40) if mode != "L" else (88,) * 3, abs=4)
    assert image.size == (400, 100)


def test_a_picture_has_its_size_and_a_description(package: str) -> None:
    image = Image.new("RGB", (400, 100))
    expected = f'<img src="{inlined(image, 80).source}" width="80" height="20" alt="a &lt; b">'
    assert render(package, "picture.html", value=image).strip() == expected


def test_a_file_is_an_address() -> None:
    assert data_uri(b"\xff\xfe", "image/png") == "data:image/png;base64,//4="
