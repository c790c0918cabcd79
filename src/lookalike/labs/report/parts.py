"""What a section of the page is made of: plain values, which ``page.html`` turns into HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the report."""

    kind: ClassVar[str] = "paragraph"
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; the first column names the row, the others are numbers."""

    kind: ClassVar[str] = "table"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A PNG file, with words for those who do not see it."""

    kind: ClassVar[str] = "figure"
    png: bytes
    words: str


Part = Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a heading that can be linked to."""

    name: str
    title: str
    parts: Sequence[Part]


def figure(path: Path, words: str) -> Figure | None:
    """The figure in a PNG file; None if there is no such file."""
    return Figure(path.read_bytes(), words) if path.exists() else None


def section(name: str, title: str, *parts: Part | None) -> Section | None:
    """A section of those parts that are there; None if none is."""
    there = [part for part in parts if part is not None]
    return Section(name, title, there) if there else None


def share(value: float | None) -> str:
    """A share as a percentage; a dash if there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals; a dash if there is none."""
    return "–" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"  # never -0.00
