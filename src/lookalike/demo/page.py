"""The demo's result as one HTML file that needs nothing else: no script, no network, no second file.

The template ``page.html`` shows the report; ``lookalike.pages`` makes text of whatever is put into it, and
the page's own policy forbids scripts and any address but the data in it.
"""

from __future__ import annotations

from pathlib import Path

from lookalike.demo.report import DemoReport
from lookalike.errors import UsageError, reason_of
from lookalike.pages import document, style_of

_SIDES = {"strip": 360, "query": 440, "match": 300}
"""Pixels that the longer side of a picture has at most, by where on the page it stands."""


def write_page(report: DemoReport, path: Path) -> None:
    """Write the report as a self-contained page.

    Args:
        report: what to show.
        path: the HTML file; its folder is created if missing, an older file is replaced.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_page(report), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"the page {path} cannot be written: {reason_of(error)}; name another place"
        ) from error


def render_page(report: DemoReport) -> str:
    """Write the page as one HTML document that needs no other file."""
    measured = {
        "pictures": f"{report.images:,}",
        "to index them": f"{report.index_seconds:,.1f} s",
        "pictures per second": f"{report.images_per_second:,.0f}",
        "per search, median": f"{report.median_search_ms:,.1f} ms",
        "embedder": report.embedder,
    }
    style = style_of(__package__, "article.css", "page.css")
    return document(__package__, style=style, report=report, measured=measured, sides=_SIDES)
