"""HTML in small pieces; all text is escaped here and nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from lookalike.pages import text


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of plain words."""
    return f'<p class="{kind}">{text(words)}</p>' if kind else f"<p>{text(words)}</p>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table of plain text; the first column names the row, the others are numbers."""
    cells = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>'
        + "".join(f"<td>{text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><caption>{text(caption)}</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def figure(path: Path, words: str) -> str:
    """A PNG inside the page, with words for those who do not see it; nothing where there is none."""
    if not path.exists():
        return ""
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{text(words)}">'
        f"<figcaption>{text(words)}</figcaption></figure>"
    )


def section(name: str, title: str, *parts: str) -> str:
    """A section with a heading that can be linked to; nothing where all parts are empty."""
    if not any(parts):
        return ""
    return f'<section id="{text(name)}"><h2>{text(title)}</h2>{"".join(parts)}</section>'


def share(value: float | None) -> str:
    """A share as a percentage; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def number(value: float | None, digits: int = 2) -> str:
    """A number; a dash where there is none."""
    return "–" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"  # never -0.00
