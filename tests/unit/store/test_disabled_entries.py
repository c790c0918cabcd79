from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.store import FOR_EVER, BankEntries, BankTable, Database, DisabledEntries, NewEntry, problems_in
from stores import write_behind

NOW = 1_000_000


@pytest.fixture
def database(database: Database) -> Database:
    """With four pictures in a bank, three of which are images of the collection."""
    bank = BankTable(database).create("known", negative=False, rule="copies", fpr=1e-6, note="")
    entries = [NewEntry("picture", bytes([one]) * 32) for one in range(4)]
    BankEntries(database).add(bank.bank_id, entries, 1)
    with database.atomic() as connection:
        connection.executemany(
            "INSERT INTO images (sha256, format, width, height) VALUES (?, 'PNG', 1, 1)",
            [(bytes([one]) * 32,) for one in (0, 1, 2)],
        )
    return database


def test_entries_are_disabled_until_a_time_or_for_ever(database: Database) -> None:
    disabled = DisabledEntries(database)
    disabled.disable([1], NOW + 5)
    disabled.disable([2, 4], FOR_EVER)
    assert disabled.until([1, 2, 3]) == {1: NOW + 5, 2: 0}
    assert disabled.among([1, 2, 3, 4], NOW) == {1, 2, 4}
    assert disabled.among([1, 2, 3, 4], NOW + 5) == {2, 4}
    images, until = disabled.images(1, NOW)
    assert (images.tolist(), until) == ([1, 2], NOW + 5)
    images, until = disabled.images(1, NOW + 5)
    assert (images.tolist(), until) == ([2], float("inf"))
    disabled.enable([2, 3])
    assert disabled.among([1, 2, 3, 4], NOW) == {1, 4}


def test_a_change_is_one_of_the_banks_and_goes_with_its_entry(database: Database) -> None:
    disabled, table = DisabledEntries(database), BankTable(database)
    before = table.revision()
    disabled.disable([1], FOR_EVER)
    assert table.revision().number == before.number + 1
    BankEntries(database).remove_id(1, 1)
    assert database.rows("SELECT * FROM disabled_entries") == []


def test_damage_is_told_and_disables_nothing(file: Path, database: Database) -> None:
    DisabledEntries(database).disable([1], NOW)
    write_behind(file, "UPDATE disabled_entries SET until = 0")
    assert DisabledEntries(database).among([1], NOW) == set()
    assert DisabledEntries(database).images(1, NOW)[0].tolist() == []
    told = "of the entries that were disabled 1 are enabled by damage; disable them again"
    assert told in problems_in(database)
