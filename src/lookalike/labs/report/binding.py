"""From result files to the page, and to the same verdicts as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.errors import LookalikeError
from lookalike.labs.report.claims import CLAIMS
from lookalike.labs.report.formats import lacking
from lookalike.labs.report.page import render
from lookalike.labs.report.steps import DONE, FAILED, Request, plan
from lookalike.labs.shared.results import read_facts, write_facts

PAGE, FACTS = "report.html", "report.json"


def gather(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Read the result files of a folder.

    Returns:
        ``(results, unusable)``: facts by the name of their file, evaluations by the name of their folder; and
        why a file cannot be used, by the same names.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.json")) if path.name not in (DONE, FAILED)}
    files |= {path.parent.name: path for path in sorted(folder.glob("evaluation-*/evaluation.json"))}
    results: dict[str, dict[str, Any]] = {}
    unusable: dict[str, str] = {}
    for name, path in files.items():
        try:
            facts = read_facts(path)
        except LookalikeError:
            unusable[name] = "its result file cannot be read"
            continue
        missing = lacking(name, facts)
        if missing is None:
            results[name] = facts
        else:
            unusable[name] = f"its result file is of another version and lacks {missing!r}"
    return results, unusable


def _without_failed(
    results: dict[str, dict[str, Any]], request: Request, failures: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """Results but those of failed steps, which an earlier run left, or the failed one before it was done."""
    failed = {step.result for step in plan(request) if step.name in failures}
    names = {path.parent.name if path.stem == "evaluation" else path.stem for path in failed}
    return {name: facts for name, facts in results.items() if name not in names}


def bind(request: Request, failures: dict[str, str], *, with_pictures: bool) -> list[str]:
    """Write ``report.html`` and ``report.json``.

    Args:
        request: whose results are bound.
        failures: steps that failed, and why; what they left is not judged.
        with_pictures: see ``page.render``.

    Returns:
        A line per claim, for people.
    """
    found, unusable = gather(request.results)
    results, settings = _without_failed(found, request, failures), request.settings
    failures = failures | unusable
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
