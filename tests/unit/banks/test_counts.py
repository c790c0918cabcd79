"""Counts of entries stay right, whatever comes and goes, and whoever changes it."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path

from lookalike.banks.counts import EntryCounts
from lookalike.store import BankEntries, BankTable, Database, Kind, NewEntry
from sqlite_steps import steps

KINDS: tuple[Kind, ...] = ("md5", "pdq", "sha256")


def test_they_are_those_of_the_catalog_after_any_changes(tmp_path: Path) -> None:
    chance = random.Random(6)
    with closing(Database(tmp_path / "catalog.sqlite", create=True)) as database:
        table, entries, counts = BankTable(database), BankEntries(database), EntryCounts(database)
        assert counts.now() == {}
        for number in range(200):
            banks = table.all()
            roll = chance.random()
            if not banks or roll < 0.1:
                table.create(f"b{number}", negative=False, rule="copies", fpr=1e-6, note="")
            elif roll < 0.15:
                table.delete(chance.choice(banks).name)
            else:
                bank, kind = chance.choice(banks).bank_id, chance.choice(KINDS)
                some = [bytes([chance.randrange(40)]) * 32 for _ in range(chance.randrange(1, 6))]
                if roll < 0.6:
                    entries.add(bank, [NewEntry(kind, value) for value in some], 1)
                else:
                    entries.remove(bank, [(kind, value) for value in some])
            if chance.random() < 0.5:  # else several changes at once
                assert counts.now() == entries.counts()
        assert sum(counts.total() for counts in entries.counts().values()) > 20


def test_a_backup_that_was_put_back_is_counted_anew(tmp_path: Path) -> None:
    path, kept = tmp_path / "catalog.sqlite", tmp_path / "kept.sqlite"
    with closing(Database(path, create=True)) as database:
        bank = BankTable(database).create("a", negative=False, rule="copies", fpr=1e-6, note="").bank_id
    shutil.copy(path, kept)
    with closing(Database(path, create=False)) as database:
        counts = EntryCounts(database)
        BankEntries(database).add(bank, [NewEntry("pdq", bytes(32))], 1)
        assert counts.now() == {bank: {"pdq": 1}}
        kept.replace(path)
        BankEntries(database).add(bank, [NewEntry("md5", bytes(16))], 1)
        # The number of the change and the id of the entry are the same as before the backup came back.
        assert counts.now() == {bank: {"md5": 1}}


def test_what_comes_is_counted_alone(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "catalog.sqlite", create=True)) as database:
        bank = BankTable(database).create("a", negative=False, rule="copies", fpr=1e-6, note="").bank_id
        entries, counts = BankEntries(database), EntryCounts(database)
        took = []
        for many in (100, 10_000):
            entries.add(bank, [NewEntry("pdq", number.to_bytes(32, "big")) for number in range(many)], 1)
            counts.now()
            entries.add(bank, [NewEntry("md5", many.to_bytes(16, "big"))], 1)
            took.append(steps(database, counts.now))
        assert took[1] < 2 * took[0] + 50
