"""The files of a map: its numbers, its drawing and its page."""

from __future__ import annotations

from pathlib import Path

from lookalike.errors import UsageError, reason_of
from lookalike.labs.shared.results import write_facts
from lookalike.labs.view.drawing import draw_map
from lookalike.labs.view.mapping import PictureMap
from lookalike.labs.view.page import render_page
from lookalike.labs.view.thumbnails import make_sheets
from lookalike.settings import Settings


def write_map(made: PictureMap, folder: Path, settings: Settings) -> int:
    """Write ``map.json``, ``map.png`` and ``map.html``.

    Args:
        made: the map.
        folder: made if it is missing; older files are replaced.
        settings: limits of pictures, and how many threads read them again for the page.

    Returns:
        How many pictures could not be read and are grey on the page.

    Raises:
        UsageError: the files cannot be written.
    """
    try:
        write_facts(folder / "map.json", **made.facts())
        draw_map(made).savefig(folder / "map.png")
        sheets = make_sheets(made.points.paths, settings)
        page = render_page(made, sheets)
        (folder / "map.html").write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"the map cannot be written to {folder}: {reason_of(error)}; name another --out"
        ) from error
    return sheets.missing
