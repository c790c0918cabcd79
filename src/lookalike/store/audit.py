"""The audit log: what people decided, in order, each entry chained to the one before it by SHA-256.

An entry is a JSON object, written once. Its first member is its number, its last one (``previous``) the
digest of the entry before, 64 zeros for the first; its digest is the SHA-256 of the object's text. Whoever
changes, removes or adds an entry must therefore write all later digests anew, and the last one is no longer
the one that somebody may have noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from sqlite3 import Connection
from typing import Any, NamedTuple

from lookalike.store.database import Database

_BEGINNING = bytes(32)
_PAGE = 10_000  # entries that are read at a time


class AuditEntry(NamedTuple):
    """An entry of the audit log.

    Attributes:
        number: 1 for the first.
        text: a JSON object.
        digest: SHA-256 of the text, 32 bytes.
    """

    number: int
    text: str
    digest: bytes

    @property
    def line(self) -> str:
        """The entry as a line of an export: the object with one more member at its end, ``digest``."""
        return f'{self.text[:-1]}, "digest": "{self.digest.hex()}"}}'


class AuditLog:
    """Adds to the audit log of a catalog, reads it, and finds out whether it is whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, connection: Connection, facts: Mapping[str, Any]) -> int:
        """Add an entry inside a transaction, which holds what the entry tells of, too; its number.

        Args:
            connection: of ``Database.atomic``.
            facts: what JSON can hold; no member may be called number or previous.
        """
        last = connection.execute("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        number, previous = last or (0, _BEGINNING)
        text = json.dumps({"number": number + 1, **facts, "previous": previous.hex()})
        connection.execute(
            "INSERT INTO audit VALUES (?, ?, ?)",
            (number + 1, text, hashlib.sha256(text.encode()).digest()),
        )
        return int(number) + 1

    def last(self) -> AuditEntry | None:
        """The newest entry; None if the log is empty."""
        row = self._database.row("SELECT number, entry, digest FROM audit ORDER BY number DESC LIMIT 1")
        return None if row is None else AuditEntry(*row)

    def entry(self, number: int) -> AuditEntry | None:
        """The entry of a number; None if there is none."""
        row = self._database.row("SELECT number, entry, digest FROM audit WHERE number = ?", number)
        return None if row is None else AuditEntry(*row)

    def entries(self) -> Iterator[AuditEntry]:
        """All entries in order, read piece by piece; those that come meanwhile may be among them."""
        after = 0
        while rows := self._database.rows(
            "SELECT number, entry, digest FROM audit WHERE number > ? ORDER BY number LIMIT ?", after, _PAGE
        ):
            yield from (AuditEntry(*row) for row in rows)
            after = rows[-1][0]

    def broken(self) -> str | None:
        """What is wrong with the first entry that is broken; None if the whole log is as it was written."""
        with self._database.consistent():
            previous, number = _BEGINNING, 0
            for number, entry in enumerate(self.entries(), start=1):
                fault = _fault(entry, number, previous)
                if fault is not None:
                    return fault
                previous = entry.digest
            added = self._database.row("SELECT number FROM audit WHERE number < 1")
            if added is not None:
                return f"entry {added[0]} of the audit log was added: the first one is entry 1"
            written = self._database.row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
            if written is not None and written[0] > number:
                return f"entry {number + 1} of the audit log is missing, and all after it up to {written[0]}"
            return self._undocumented()

    def _undocumented(self) -> str | None:
        """A decision in force that the log does not hold as it is; None if it holds them all."""
        for case_id, decision, logged in self._database.rows(
            "SELECT id, decision, logged FROM cases WHERE decision IS NOT NULL ORDER BY logged"
        ):
            entry = self.entry(logged)
            told = None if entry is None else json.loads(entry.text)
            if told is None or (told.get("case"), told.get("what")) != (case_id, decision):
                return f"entry {logged} of the audit log does not hold that case {case_id} was {decision!r}"
        return None


def _fault(entry: AuditEntry, number: int, previous: bytes) -> str | None:
    """What is wrong with an entry that should have a number and follow an entry of a digest."""
    if entry.number != number:
        return f"entry {number} of the audit log is missing"
    if hashlib.sha256(entry.text.encode()).digest() != entry.digest:
        return f"entry {number} of the audit log was changed: its digest is another"
    try:
        told = json.loads(entry.text)
        chained = (told["number"], told["previous"]) == (number, previous.hex())
    except (ValueError, KeyError, TypeError, RecursionError):
        chained = False
    return None if chained else f"entry {number} of the audit log does not follow the one before it"
