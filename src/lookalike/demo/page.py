"""The demo's result as one HTML file that needs nothing else: no script, no network, no second file.

All text passes through ``pages.text``, which escapes HTML and shows control characters and undecodable
bytes of file names as escapes; the page's own policy forbids scripts and any address but the data in it.
"""

from __future__ import annotations

from pathlib import Path

from lookalike.demo.report import AlterationScore, DemoMatch, DemoReport, DemoRow
from lookalike.errors import UsageError
from lookalike.pages import NAME, document, style_of, text, thumbnail, unbroken

_STRIP_SIDE = 360
_QUERY_SIDE = 440
_MATCH_SIDE = 300

_BODY = """<header>
{name}
<h1><em>{first}</em> of {queries} altered copies led straight back to their original.</h1>
<p class="lede">Pictures were altered as pictures are when they travel, then searched for in {collection}. \
What counts is whether the picture that a copy was made from comes first.</p>
<dl class="facts">
{facts}
</dl>
<nav class="strip" aria-label="Examples">
{strip}
</nav>
</header>
<main>
<section aria-labelledby="scores">
<h2 id="scores">By alteration</h2>
<table>
<thead><tr><th scope="col">The copy was</th><th scope="col">First</th><th scope="col">Lower</th>\
<th scope="col">Missed</th></tr></thead>
<tbody>
{scores}
</tbody>
<tfoot>{total}</tfoot>
</table>
</section>
<section class="examples" aria-labelledby="examples">
<h2 id="examples">Examples</h2>
{rows}
</section>
</main>
<footer><p>Similarity is the cosine of the angle between two embeddings: 1 for the same picture, near 0 for \
pictures that have nothing in common.</p></footer>"""


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
        raise UsageError(f"the page {path} cannot be written: {error}; name another place") from error


def render_page(report: DemoReport) -> str:
    """The page's HTML."""
    body = _BODY.format(
        name=NAME,
        first=f"{report.first:,}",
        queries=f"{report.queries:,}",
        collection=text(report.collection),
        facts=_facts(report),
        scores="\n".join(_score(score) for score in report.scores),
        total=_counts("All", report.first, report.queries, sum(score.missed for score in report.scores)),
        strip="\n".join(_link(row, number) for number, row in enumerate(report.rows, 1)),
        rows="\n".join(_row(row, number) for number, row in enumerate(report.rows, 1)),
    )
    title = f"Lookalike: {report.first:,} of {report.queries:,} altered copies found first"
    return document(title, body, style=style_of(__package__, "page.css"))


def _facts(report: DemoReport) -> str:
    """The figures under the headline."""
    facts = {
        "pictures": f"{report.images:,}",
        "to index them": f"{report.index_seconds:,.1f} s",
        "pictures a second": f"{report.images_per_second:,.0f}",
        "a search, median": f"{report.median_search_ms:,.1f} ms",
        "embedder": text(report.embedder),
    }
    return "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())


def _score(score: AlterationScore) -> str:
    """One alteration's row of the table, with a bar: found first, found lower, missed."""
    parts = ((0, score.first, "bar-first"), (score.first, score.lower, "bar-lower"))
    bars = "".join(
        f'<rect class="{kind}" x="{start}" width="{width}" height="1"/>' for start, width, kind in parts
    )
    view = f'viewBox="0 0 {len(score.ranks)} 1" preserveAspectRatio="none"'
    bar = f'<svg {view} aria-hidden="true">{bars}</svg>'
    name = f'<div class="score">{unbroken(score.description)}{bar}</div>'
    return _counts(name, score.first, len(score.ranks), score.missed)


def _counts(name: str, first: int, queries: int, missed: int) -> str:
    """A row of the table; ``name`` is HTML."""
    lower = queries - first - missed
    cells = "".join(f"<td{'' if count else ' class=zero'}>{count:,}</td>" for count in (lower, missed))
    return f'<tr><th scope="row">{name}</th><td>{first:,} of {queries:,}</td>{cells}</tr>'


def _link(row: DemoRow, number: int) -> str:
    """A small picture of an altered copy that leads to its example."""
    return f'<a href="#example-{number}">{thumbnail(row.query, _STRIP_SIDE, unbroken(row.description))}</a>'


def _row(row: DemoRow, number: int) -> str:
    """One example: the altered copy, and the matches in their order."""
    answers = "\n".join(_match(match, rank) for rank, match in enumerate(row.matches, 1))
    miss = ""
    if row.rank is None and row.original is not None:
        miss = f'\n<p class="miss">The original, {text(row.original)}, is not among these.</p>'
    description = unbroken(row.description)
    return f"""<article id="example-{number}">
<div class="verdict"><h3>{description}</h3>{_verdict(row)}</div>
<figure class="query">{thumbnail(row.query, _QUERY_SIDE, f"Altered copy: {description}")}\
<figcaption><strong>Altered copy</strong></figcaption></figure>
<ol class="answers">
{answers}
</ol>{miss}
</article>"""


def _verdict(row: DemoRow) -> str:
    """How the search did, in a few words."""
    if row.original is None:
        return "<p>Not in the collection; these only look like it</p>"
    if row.rank == 1:
        return '<p class="hit">Original found first</p>'
    if row.rank is None:
        return f"<p>Original missed: not among the first {len(row.matches)}</p>"
    return f"<p>Original found, but only at rank {row.rank}</p>"


def _match(match: DemoMatch, rank: int) -> str:
    """One match with its similarity and path; the original is marked in words as well as in colour."""
    path = text(match.path)
    mark = ' class="original"' if match.is_original else ""
    label = " · original" if match.is_original else ""
    similarity = f"{match.similarity:.3f}".replace("-", "\N{MINUS SIGN}")
    return (
        f"<li{mark}><figure>{thumbnail(match.image, _MATCH_SIDE, f'Match {rank}: {path}')}"
        f"<figcaption><strong>{similarity}{label}</strong><span>{path}</span></figcaption></figure></li>"
    )
