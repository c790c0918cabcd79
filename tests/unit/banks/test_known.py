"""Hashes in memory follow those in the catalog, whatever happens to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookalike.banks import known
from lookalike.banks.known import KnownHashes
from lookalike.store import BankEntries, BankTable, Database, NewEntry


def value(number: int) -> bytes:
    """Values that differ from each other in more bits than count."""
    return bytes([number]) * 32 if number % 2 else bytes([number, 255 - number]) * 16


def make(database: Database, name: str) -> int:
    return BankTable(database).create(name, negative=False, rule="copies", fpr=1e-6, note="").bank_id


def found(hashes: KnownHashes, number: int) -> list[int]:
    return [entry.entry_id for entry, differing in hashes.near(value(number)) if differing == 0]


def test_entries_that_come_and_go_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_SLACK", 2)
    database = Database(tmp_path / "catalog.sqlite", create=True)
    entries, hashes = BankEntries(database), KnownHashes(database, "pdq")
    bank = make(database, "a")
    assert found(hashes, 1) == []
    entries.add(bank, [NewEntry("pdq", value(1)), NewEntry("sha256", value(1))], 1)
    assert found(hashes, 1) == [1]
    other = make(database, "b")
    entries.add(other, [NewEntry("pdq", value(number)) for number in (1, 2, 3, 4)], 1)
    assert found(hashes, 1) == [1, 3]
    entries.remove(other, [("pdq", value(1)), ("pdq", value(3)), ("pdq", value(4))])
    assert found(hashes, 1) == [1]
    assert found(hashes, 3) == []
    assert hashes.count() == 2  # what is gone is dropped as soon as it is the larger part
    database.close()


def test_a_backup_that_was_put_back_is_read_anew(tmp_path: Path) -> None:
    path, kept = tmp_path / "catalog.sqlite", tmp_path / "kept.sqlite"
    database = Database(path, create=True)
    bank = make(database, "a")
    database.close()
    shutil.copy(path, kept)
    database = Database(path, create=False)
    hashes = KnownHashes(database, "pdq")
    BankEntries(database).add(bank, [NewEntry("pdq", value(1))], 1)
    assert found(hashes, 1) == [1]
    kept.replace(path)
    BankEntries(database).add(bank, [NewEntry("pdq", value(2))], 1)
    # The number of the change and the id of the entry are the same as before the backup came back.
    assert found(hashes, 1) == []
    assert found(hashes, 2) == [1]
    database.close()


def test_hashes_of_another_model_are_not_compared(tmp_path: Path) -> None:
    database = Database(tmp_path / "catalog.sqlite", create=True)
    bank, hashes = make(database, "a"), KnownHashes(database, "lookalike")
    BankEntries(database).add(bank, [NewEntry("lookalike", value(1), "old")], 1)
    assert [entry.entry_id for entry, _ in hashes.near(value(1), "old")] == [1]
    assert hashes.near(value(1), "new") == []
    assert hashes.count("new") == 0
    assert hashes.count("old") == 1
    database.close()
