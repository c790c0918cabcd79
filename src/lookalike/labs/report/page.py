"""The report as one HTML file that needs nothing else: no script, no network, no second file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.labs.report import sections
from lookalike.labs.report.claims import CLAIMS, FAILS, HOLDS, PARTLY, UNKNOWN, Results
from lookalike.pages import NAME, document, style_of, text

_MARKS = {HOLDS: ("holds", "●"), PARTLY: ("partly", "◐"), FAILS: ("fails", "○"), UNKNOWN: ("unknown", "–")}
_BODY = """<header>
{name}
<h1>What the reference said, <em>and what was measured</em></h1>
<p class="lede">{lede}</p>
<nav aria-label="Contents"><ul>{contents}</ul></nav>
</header>
<main>
{summary}
{body}
</main>"""
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
    parts = {
        "claims": _claims(results),
        "accuracy": sections.accuracy(results),
        "search": sections.search(results),
        "growth": sections.growth(results, folder),
        "map": sections.maps(results, folder),
        "attacks": sections.attacks(results, folder, with_pictures=with_pictures),
        "defences": sections.defences(results),
        "robustness": sections.robustness(results),
        "how": sections.how(settings, machine, failures),
    }
    links = "".join(f'<li><a href="#{name}">{_TITLES[name]}</a></li>' for name, part in parts.items() if part)
    body = _BODY.format(
        name=NAME,
        lede=text(
            f"Reverse image search with locality-sensitive hashing on {data}; every number is from a result "
            f"file of the {settings['name']} run."
        ),
        contents=links,
        summary=parts.pop("claims"),
        body="\n".join(filter(None, parts.values())),
    )
    style = style_of(__package__, "page.css")
    return document("Lookalike: the reference's claims, measured", body, style=style)


def _claims(results: Results) -> str:
    rows = []
    for claim in CLAIMS:
        verdict = claim.verdict(results)
        kind, mark = _MARKS[verdict.word]
        rows.append(
            f'<tr id="claim-{text(claim.name)}"><th scope="row">{text(claim.said)}</th>'
            f"<td>{text(verdict.measured)}</td>"
            f'<td class="chip {kind}"><span aria-hidden="true">{mark}</span> {text(verdict.word)}</td>'
            f"<td>{text(verdict.why)}</td></tr>"
        )
    return (
        '<section id="claims"><h2>Claims</h2><div class="wide"><table class="claims"><thead><tr>'
        '<th scope="col">The reference says</th><th scope="col">Measured</th>'
        '<th scope="col">It</th><th scope="col">Why</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )
