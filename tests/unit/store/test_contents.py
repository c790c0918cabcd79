from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.store import BankEntries, BankTable, Contents, Database, NewEntry, problems_in
from stores import write_behind


@pytest.fixture
def database(database: Database) -> Database:
    """With four entries in a bank."""
    bank = BankTable(database).create("known", negative=False, rule="copies", fpr=1e-6, note="")
    BankEntries(database).add(bank.bank_id, [NewEntry("md5", bytes([one]) * 16) for one in range(4)], 1)
    return database


def test_entries_are_joined_and_alone_again_without_the_first(database: Database) -> None:
    contents = Contents(database)
    contents.join(1, [1, 2, 3])
    assert contents.of([1, 2, 3, 4]) == {1: 1, 2: 1, 3: 1, 4: 4}
    assert (contents.entries(1), contents.entries(4)) == ([1, 2, 3], [4])
    BankEntries(database).remove_id(1, 2)
    assert contents.entries(1) == [1, 3]
    BankEntries(database).remove_id(1, 1)
    assert contents.of([3]) == {3: 3}
    assert database.rows("SELECT * FROM further_hashes") == []


def test_damage_is_told_and_joins_nothing(file: Path, database: Database) -> None:
    Contents(database).join(1, [2])
    assert problems_in(database) == []
    write_behind(file, "UPDATE further_hashes SET content_id = 3")
    assert (Contents(database).of([2]), Contents(database).entries(3)) == ({2: 2}, [3])
    assert problems_in(database) == [
        "of the further hashes of contents 1 are damaged; add those contents again"
    ]
