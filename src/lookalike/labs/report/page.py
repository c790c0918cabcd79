"""The report as one HTML file that needs nothing else: no script, no network, no second file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.labs.report import sections
from lookalike.labs.report.claims import CLAIMS, FAILS, HOLDS, PARTLY, UNKNOWN, Results
from lookalike.pages import document, style_of

_MARKS = {HOLDS: ("holds", "●"), PARTLY: ("partly", "◐"), FAILS: ("fails", "○"), UNKNOWN: ("unknown", "–")}
_TITLES = {
    "claims": "Claims",
    "accuracy": "Classes",
    "search": "Exact search and hashing",
    "growth": "Growth",
    "map": "Maps",
    "attacks": "Attacks",
    "defences": "Defences",
    "robustness": "Robustness",
    "how": "How this was made",
}


def render(
    results: Results,
    folder: Path,
    settings: dict[str, Any],
    machine: dict[str, Any],
    failures: dict[str, str],
    data: str,
    *,
    with_pictures: bool,
) -> str:
    """The page.

    Args:
        results: result files by name.
        folder: where the figures lie.
        settings: of the run.
        machine: that it ran on.
        failures: steps that failed, and why.
        data: name of the pictures' folder.
        with_pictures: whether to show figures that contain pictures of the folder.
    """
    parts = [
        sections.accuracy(results),
        sections.search(results),
        sections.growth(results, folder),
        sections.maps(results, folder),
        sections.attacks(results, folder, with_pictures=with_pictures),
        sections.defences(results),
        sections.robustness(results),
        sections.how(settings, machine, failures),
    ]
    return document(
        __package__,
        style=style_of(__package__, "article.css", "page.css"),
        data=data,
        run=settings["name"],
        titles=_TITLES,
        claims=[(claim, claim.verdict(results)) for claim in CLAIMS],
        marks=_MARKS,
        sections=[part for part in parts if part is not None],
    )
