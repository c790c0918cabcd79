"""The audit log, against whoever writes into the catalog behind its back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.store import AuditLog, Database
from stores import write_behind

COUNT = 6


@pytest.fixture
def log(file: Path) -> Iterator[AuditLog]:
    database = Database(file, create=True)
    log = AuditLog(database)
    for number in range(COUNT):
        with database.atomic() as connection:
            assert (
                log.append(connection, {"who": "Ada Lövelace", "p": 1e-9 / 3, "what": number}) == number + 1
            )
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER audit_is_never_changed")
        connection.execute("DROP TRIGGER audit_is_never_cut")
    yield log
    database.close()


def test_a_whole_log_is_told_apart_from_a_broken_one_by_other_means(log: AuditLog) -> None:
    assert log.broken() is None
    previous = "0" * 64
    for number, entry in enumerate(log.entries(), start=1):
        told = json.loads(entry.line)
        digest = told.pop("digest")
        assert told == {"number": number, "who": "Ada Lövelace", "p": 1e-9 / 3, "what": number - 1,
                        "previous": previous}  # fmt: skip
        assert digest == hashlib.sha256(json.dumps(told).encode()).hexdigest()
        previous = digest
    last = log.last()
    assert last is not None
    assert (last.number, last.digest.hex()) == (COUNT, previous)


def test_the_first_entry_that_was_changed_is_named(log: AuditLog, file: Path) -> None:
    for number in (5, 3):
        write_behind(file, "UPDATE audit SET entry = replace(entry, 'Ada', 'Bob') WHERE number = ?", number)
        assert log.broken() == f"entry {number} of the audit log was changed: its digest is another"


def test_a_change_with_its_digest_made_anew_breaks_the_chain(log: AuditLog, file: Path) -> None:
    entry = log.entry(3)
    assert entry is not None
    text = entry.text.replace("Ada", "Bob")
    digest = hashlib.sha256(text.encode()).digest()
    write_behind(file, "UPDATE audit SET entry = ?, digest = ? WHERE number = 3", text, digest)
    assert log.broken() == "entry 4 of the audit log does not follow the one before it"


@pytest.mark.parametrize(("sql", "first"), [("= 1", 1), ("= 4", 4), ("> 4", 5), ("> 0", 1)])
def test_entries_that_were_removed_are_missed(log: AuditLog, file: Path, sql: str, first: int) -> None:
    write_behind(file, f"DELETE FROM audit WHERE number {sql}")
    found = log.broken()
    assert found is not None
    assert found.startswith(f"entry {first} of the audit log is missing")


@pytest.mark.parametrize("text", ["[]", "", "null", "1e999", "[" * 100_000])
def test_what_is_no_entry_at_all_is_no_entry(log: AuditLog, file: Path, text: str) -> None:
    digest = hashlib.sha256(text.encode()).digest()
    write_behind(file, "UPDATE audit SET entry = ?, digest = ? WHERE number = 2", text, digest)
    assert log.broken() == "entry 2 of the audit log does not follow the one before it"


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_entries_before_the_first_one_are_found(log: AuditLog, file: Path, number: int) -> None:
    write_behind(file, "INSERT INTO audit VALUES (?, '{}', x'00')", number)
    assert log.broken() == f"entry {number} of the audit log was added: the first one is entry 1"
