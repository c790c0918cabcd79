from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.store import BankEntries, BankTable, Database, EntryMetadata, NewEntry, problems_in
from stores import write_behind

FOUND = {"content_id": "x", "json": {"a": ["é", None]}}


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with closing(Database(file, create=True)) as opened:
        bank = BankTable(opened).create("known", negative=False, rule="copies", fpr=1e-6, note="")
        BankEntries(opened).add(bank.bank_id, [NewEntry("md5", bytes(16)), NewEntry("md5", 16 * b"1")], 1)
        yield opened


def test_metadata_are_kept_replaced_and_gone_with_their_entry(database: Database) -> None:
    metadata = EntryMetadata(database)
    assert metadata.of(1) == {}
    metadata.keep(1, {"content_id": "before"})
    metadata.keep(1, FOUND)
    assert (metadata.of(1), metadata.of(2)) == (FOUND, {})
    BankEntries(database).remove_id(1, 1)
    assert metadata.of(1) == {}
    assert database.rows("SELECT * FROM entry_metadata") == []


def test_too_many_are_refused(database: Database) -> None:
    with pytest.raises(UsageError, match="at most 8,192 bytes as JSON, not 8,193"):
        EntryMetadata(database).keep(1, {"a": (8193 - 8) * "x"})
    EntryMetadata(database).keep(1, {"a": (8192 - 8) * "x"})


def test_damage_is_noticed_and_not_shown(file: Path, database: Database) -> None:
    metadata = EntryMetadata(database)
    metadata.keep(1, FOUND)
    assert problems_in(database) == []
    write_behind(file, "UPDATE entry_metadata SET metadata = '{}'")
    assert metadata.of(1) == {}
    assert problems_in(database) == [
        "of the metadata of entries 1 are damaged; add those entries again with theirs"
    ]
