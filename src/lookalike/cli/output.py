"""Results on stdout, everything else on stderr.

A result that cannot be written ends the command: its reader would take a part for the whole. What is said on
stderr may be lost, since there is no place left to complain.

JSON objects carry a ``schema`` name with a version; fields may be added, none change within a version. Paths
are strings; a byte that is not UTF-8 appears as a lone surrogate (U+DC80 to U+DCFF), as in Python's
``os.fsdecode``, and is escaped in the output.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.errors import StorageError
from lookalike.paths import shown

if TYPE_CHECKING:
    from lookalike.collection.reports import Withheld
    from lookalike.images import RejectedFile

_FILES_SHOWN = 10


def prepare_streams() -> None:
    """Make stdin, stdout and stderr usable, whatever the program was started with.

    A closed stream is None in Python, and the next file that is opened, such as the catalog, would get its
    number and whatever is printed to it. So a stream that fails takes its place: one that can only be read,
    so that a result is not lost without a word.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            access = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            setattr(sys, name, os.fdopen(os.open(os.devnull, access), mode, closefd=False))
    if isinstance(sys.stdout, io.TextIOWrapper):  # like stderr: a name is escaped where it cannot be shown
        sys.stdout.reconfigure(errors="backslashreplace")


def say(line: str = "") -> None:
    """Print a line of the result.

    Raises:
        BrokenPipeError: its reader has gone away.
        StorageError: it cannot be written.
    """
    try:
        sys.stdout.write(line + "\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise lost_result(error) from error


def lost_result(error: OSError) -> StorageError:
    """The error that tells of a result that could not be written."""
    return StorageError(f"the result could not be written: {error.strerror}")


def note(line: str) -> None:
    """Print a line for the person watching, if it can be printed."""
    with suppress(OSError):
        sys.stderr.write(line + "\n")


def say_json(schema: str, **fields: Any) -> None:
    """Print the result as one JSON object.

    Args:
        schema: name and version, as ``"search/1"``.
        **fields: what JSON can hold.
    """
    say(json.dumps({"schema": f"lookalike.{schema}", **fields}))


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, all columns but the last aligned to the right."""
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [
        "  ".join([*(cell.rjust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]


def say_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below a head, in columns."""
    for line in table([head, *rows]):
        say(line)


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
    note_files(files)


def note_files(files: Sequence[Path]) -> None:
    """Print the first of some files, each on a line, and how many more there are."""
    for file in files[:_FILES_SHOWN]:
        note(f"  {shown(file)}")
    if len(files) > _FILES_SHOWN:
        note(f"  and {len(files) - _FILES_SHOWN:,} more (all with --json)")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 image``, ``9,144 images``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shown_size(count: int) -> str:
    """A number of bytes as people read it: ``340 B``, ``1.2 MB``.

    >>> shown_size(1_234_567)
    '1.2 MB'
    """
    if count < 1000:
        return f"{count} B"
    value, units = float(count), iter(("kB", "MB", "GB", "TB", "PB", "EB"))
    unit = ""
    while value >= 999.95 or not unit:
        value, unit = value / 1000, next(units)
    return f"{value:.1f} {unit}"
