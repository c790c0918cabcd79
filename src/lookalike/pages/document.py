"""A whole HTML document that needs no network and no second file, under a policy that forbids both."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib import resources

NAME = (
    '<p class="name"><svg viewBox="0 0 28 18" aria-hidden="true"><circle cx="9" cy="9" r="8"/>'
    '<circle cx="19" cy="9" r="9"/></svg>Lookalike</p>'
)
"""The program's name with its mark, as HTML."""


def document(title: str, body: str, *, style: str, script: str = "") -> str:
    """Put a document together.

    Args:
        title: plain text.
        body: HTML between the ``body`` tags.
        style: CSS; nothing else is applied, ``style`` attributes neither.
        script: JavaScript; nothing else is run.
    """
    scripts = f"script-src {_source(script)}; " if script else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_source(style)}; {scripts}"
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        + (f"<script>{script}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )


def style_of(package: str, *files: str) -> str:
    """The look of all pages, then what some style sheets of a package add to it."""
    sheets = [resources.files(__package__) / "base.css", *(resources.files(package) / name for name in files)]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _source(text: str) -> str:
    """An inline script or style as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
