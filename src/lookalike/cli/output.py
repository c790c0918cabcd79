"""Results on stdout, everything else on stderr.

JSON objects carry a ``schema`` name with a version; fields may be added, none change within a version. Paths
are strings; a byte that is not UTF-8 appears as a lone surrogate (U+DC80 to U+DCFF), as in Python's
``os.fsdecode``, and is escaped in the output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from lookalike.collection.reports import Withheld
from lookalike.images import RejectedFile
from lookalike.paths import shown

_FILES_SHOWN = 10


def say(line: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(line + "\n")


def note(line: str) -> None:
    """Print a line for the person watching."""
    sys.stderr.write(line + "\n")


def say_json(schema: str, **fields: Any) -> None:
    """Print the result as one JSON object.

    Args:
        schema: name and version, as ``"search/1"``.
        **fields: what JSON can hold.
    """
    say(json.dumps({"schema": f"lookalike.{schema}", **fields}))


def say_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns, all but the last aligned to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=False)]
        say("  ".join([*cells, line[-1]]))


def note_rejected(rejected: Iterable[RejectedFile]) -> None:
    """Print a line for each file that could not be used."""
    for item in rejected:
        note(f"  {shown(item.path)}: {item.reason}")


def note_withheld(withheld: Sequence[Withheld]) -> None:
    """Say which files were not forgotten though they are gone, and what to do about it."""
    files = sorted({file for held in withheld for file in held.files})
    note(f"Nothing was forgotten: {counted(len(files), 'file')} may be on a drive that is not mounted.")
    for held in withheld:
        note(f"  {shown(held.folder)}: {held.reason}")
    note("Would be forgotten (if you mean it, run the same command with --prune --yes):")
    for file in files[:_FILES_SHOWN]:
        note(f"  {shown(file)}")
    if len(files) > _FILES_SHOWN:
        note(f"  and {len(files) - _FILES_SHOWN:,} more (all with --json)")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 image``, ``9,144 images``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
