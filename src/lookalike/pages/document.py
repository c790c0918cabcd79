"""A whole HTML document that needs no network and no second file, under a policy that forbids both."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from markupsafe import Markup

from lookalike.pages.templates import render


def document(package: str, *, style: str, script: str = "", **values: Any) -> str:
    """Fill the template ``page.html`` of a package.

    Args:
        package: in whose folder the template lies. It extends ``document.html``; its blocks ``title`` and
            ``body`` make the document.
        style: CSS; nothing else is applied, ``style`` attributes neither.
        script: JavaScript; nothing else is run.
        **values: what the template names.
    """
    scripts = f"script-src {_source(script)}; " if script else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_source(style)}; {scripts}"
        "base-uri 'none'; form-action 'none'"
    )
    trusted = {"policy": policy, "style": style, "script": script}
    marked = {name: Markup(text) for name, text in trusted.items()}  # noqa: S704  written by this program
    return render(package, "page.html", **marked, **values)


def style_of(package: str, *files: str) -> str:
    """The look of all pages, then what some style sheets add to it.

    Args:
        package: in whose folder the sheets lie.
        *files: names of sheets; ``article.css`` is the one here, for pages that are read from top to bottom.
    """
    shared, own = (resources.files(name) for name in (__package__, package))
    sheets = [shared / "base.css", *((own if (own / name).is_file() else shared) / name for name in files)]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _source(text: str) -> str:
    """An inline script or style as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
