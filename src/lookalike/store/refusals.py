"""Unusable files, remembered so that each is reported once and not at every run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from lookalike.store.database import Database
from lookalike.store.encoding import range_below, to_path
from lookalike.store.keeping import kept_by
from lookalike.store.records import FileStamp


class Refusal(NamedTuple):
    """A file that could not be used.

    Attributes:
        path: absolute.
        stamp: its size and time when it was refused; None if they could not be had, as of a folder that may
            not be read.
        reason: why it was refused, as ``paths.shown`` makes it: a lone surrogate cannot be stored as text.
    """

    path: Path
    stamp: FileStamp | None
    reason: str


class Refusals:
    """Remembers refused files; one that changes, or is refused for another reason, is another refusal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def below(self, places: Iterable[Path]) -> set[Refusal]:
        """What is remembered of some paths, and of all that lies in them."""
        return {
            Refusal(to_path(path), None if size is None else FileStamp(size, mtime_ns), reason)
            for place in places
            for path, size, mtime_ns, reason in self._database.rows(
                "SELECT path, size, mtime_ns, reason FROM refusals "
                "WHERE path = ? OR (path >= ? AND path < ?)",
                *range_below(place),
            )
        }

    def replace(self, old: Iterable[Refusal], new: Iterable[Refusal]) -> None:
        """Forget some refusals and remember others, in one transaction; without paths, none is remembered."""
        with self._database.atomic() as connection:
            if kept_by(self._database) == "vectors":
                return
            connection.executemany(
                "DELETE FROM refusals WHERE path = ?", [(os.fsencode(refusal.path),) for refusal in old]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO refusals (path, size, mtime_ns, reason) VALUES (?, ?, ?, ?)",
                [
                    (
                        os.fsencode(refusal.path),
                        refusal.stamp.size if refusal.stamp else None,
                        refusal.stamp.mtime_ns if refusal.stamp else None,
                        refusal.reason,
                    )
                    for refusal in new
                ],
            )
