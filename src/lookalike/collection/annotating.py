"""``index --metadata``: reads the metadata and tags of pictures from a file into the catalog."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from lookalike.collection.reports import AddReport
from lookalike.errors import LookalikeError, UsageError
from lookalike.images import RejectedFile
from lookalike.paths import absolute
from lookalike.store import Annotation, Annotations, Catalog, Change, Database, refuse_without

_LONGEST_LINE = 65_536  # bytes
_AT_ONCE = 1000  # lines in one transaction
_FIELDS = ("path", "metadata", "tags")


class _Line(NamedTuple):
    """What a line says, and which of the file it is, from 1."""

    number: int
    path: Path
    change: Change


class Sayings:
    """A file of metadata and tags: a JSON object per line, with ``path``, ``metadata`` and ``tags``.

    >>> Sayings(Path("shop.jsonl"))  # doctest: +SKIP
    {"path": "Pictures/beach.jpg", "metadata": {"shop": 12}, "tags": ["summer"]}
    """

    def __init__(self, file: Path, stream: BinaryIO | None = None) -> None:
        """Read the file once, so that a mistake in it is told before anything is done.

        Args:
            file: a pipe can be read only once, so what comes through one is kept in memory.
            stream: read in place of the file, which only gives it a name then.

        Raises:
            UsageError: it cannot be read, or a line makes no sense; the message gives its number.
        """
        self._file = file
        self._kept: list[_Line] | None = None
        if stream is not None:
            self._kept = list(self._read(stream))
        elif file.is_file() or not file.exists():
            deque(self._lines(), maxlen=0)
        else:
            self._kept = list(self._lines())

    def record(self, database: Database, report: AddReport) -> None:
        """Give the pictures their metadata and tags, a thousand lines in each transaction.

        Args:
            database: of the collection.
            report: counts the pictures, and lists the files that are not in the collection.

        Raises:
            UsageError: the collection keeps no paths; or a picture's metadata are too long together with what
                it had. The message gives the line. Its transaction is undone, those before it last.
        """
        refuse_without(database, "a file that says what pictures are")
        catalog, annotations = Catalog(database), Annotations(database)
        every = self._lines()
        while lines := list(islice(every, _AT_ONCE)):
            with database.atomic():
                for line in lines:
                    sha256 = catalog.sha256_at(line.path)
                    if sha256 is None:
                        reason = f"not in the collection (line {line.number} of {self._file.name})"
                        report.rejected.append(RejectedFile(line.path, reason))
                        continue
                    try:
                        annotations.change({sha256: line.change})
                    except UsageError as error:
                        raise self._refusal(line.number, error) from error
                    report.annotated += 1

    def _lines(self) -> Iterator[_Line]:
        if self._kept is not None:
            yield from self._kept
            return
        try:
            with self._file.open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            raise UsageError(f"{self._file} cannot be read: {error.strerror}") from error

    def _read(self, file: BinaryIO) -> Iterator[_Line]:
        number = 0
        try:
            while line := file.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise UsageError(f"it is longer than {_LONGEST_LINE:,} bytes")
                if line.strip():
                    yield _Line(number, *_said(line))
        except (LookalikeError, ValueError, RecursionError) as error:
            raise self._refusal(number, error) from error

    def _refusal(self, number: int, error: Exception) -> UsageError:
        return UsageError(f"{self._file}: line {number}: {error}")


def _said(line: bytes) -> tuple[Path, Change]:
    """What a line says: of which file, and what."""
    found: Any = json.loads(line)
    if not isinstance(found, dict) or not isinstance(found.get("path"), str):
        raise UsageError("must be an object with a path")
    for name in found:
        if name not in _FIELDS:
            raise UsageError(f"there is no field {name!r:.60}; known are {', '.join(_FIELDS)}")
    change: Change = {"metadata": found.get("metadata"), "tags": found.get("tags")}
    Annotation().changed(change)
    return absolute(found["path"]), change
