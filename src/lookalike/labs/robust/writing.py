"""The files of a result: its numbers and its page."""

from __future__ import annotations

from pathlib import Path

from lookalike.errors import UsageError, reason_of
from lookalike.labs.robust.page import render_page
from lookalike.labs.robust.result import Robustness
from lookalike.labs.shared.results import write_facts
from lookalike.settings import Settings


def write_robustness(found: Robustness, folder: Path, settings: Settings) -> None:
    """Write ``robust.json`` and ``robust.html``.

    Args:
        found: the result.
        folder: made if it is missing; older files are replaced.
        settings: limits of the pictures that are read again for the page.

    Raises:
        UsageError: the files cannot be written.
        ImageError: a picture is no longer what it was.
    """
    page = render_page(found, settings)
    try:
        write_facts(folder / "robust.json", **found.facts())
        (folder / "robust.html").write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"the result cannot be written to {folder}: {reason_of(error)}; name another --out"
        ) from error
