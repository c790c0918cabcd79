"""From result files to the page, and to the same verdicts as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.labs.report.claims import CLAIMS
from lookalike.labs.report.page import render
from lookalike.labs.report.steps import DONE, Request
from lookalike.labs.shared.results import read_facts, write_facts

PAGE, FACTS = "report.html", "report.json"


def gather(folder: Path) -> dict[str, dict[str, Any]]:
    """All result files of a folder by name; evaluations by the name of theirs."""
    found = {path.stem: read_facts(path) for path in sorted(folder.glob("*.json")) if path.name != DONE}
    evaluations = sorted(folder.glob("evaluation-*/evaluation.json"))
    return found | {path.parent.name: read_facts(path) for path in evaluations}


def bind(request: Request, failures: dict[str, str], *, with_pictures: bool) -> list[str]:
    """Write ``report.html`` and ``report.json``.

    Args:
        request: whose results are bound.
        failures: steps that failed, and why.
        with_pictures: see ``page.render``.

    Returns:
        A line a claim, for people.
    """
    results, settings = gather(request.results), request.settings
    verdicts = {claim.name: claim.verdict(results) for claim in CLAIMS}
    write_facts(
        request.out / FACTS,
        data=request.folder.name,
        settings=settings,
        failures=failures,
        claims=[
            {
                "name": claim.name,
                "said": claim.said,
                "verdict": verdicts[claim.name].word,
                "measured": verdicts[claim.name].measured,
                "why": verdicts[claim.name].why,
            }
            for claim in CLAIMS
        ],
    )
    machine = read_facts(request.out / FACTS)["machine"]
    page = render(
        results,
        request.results,
        settings,
        machine,
        failures,
        request.folder.name,
        with_pictures=with_pictures,
    )
    (request.out / PAGE).write_text(page, encoding="utf-8")
    return [f"{verdicts[claim.name].word:14} {claim.said}" for claim in CLAIMS]
