"""Counts of entries stay right, whatever comes and goes, and whoever changes it."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path

from lookalike.banks.counts import EntryCounts
from lookalike.store import BankEntries, BankTable, Database, Kind, NewEntry
from records import path, records, sha256
from sqlite_steps import steps
from stores import Store

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


def test_pictures_that_the_collection_has_forgotten_are_counted_after_any_changes(tmp_path: Path) -> None:
    chance, collected, most = random.Random(8), set[int](), 0
    banked: dict[int, set[int]] = {}
    with closing(Database(tmp_path / "catalog.sqlite", create=True)) as database:
        table, entries, counts = BankTable(database), BankEntries(database), EntryCounts(database)
        recorder = Store(database).recorder
        for name in "abc":
            bank = table.create(name, negative=False, rule="copies", fpr=1e-6, note="").bank_id
            banked[bank] = set()
        for _ in range(200):
            numbers = chance.sample(range(30), 3)
            bank, roll = chance.choice(list(banked)), chance.random()
            some: list[tuple[Kind, bytes]] = [("picture", sha256(number)) for number in numbers]
            if roll < 0.3:
                recorder.record(records(numbers))
                collected |= set(numbers)
            elif roll < 0.6:
                recorder.forget([path(number) for number in numbers])
                collected -= set(numbers)
            elif roll < 0.9:
                entries.add(bank, [NewEntry(*one) for one in some], 1)
                banked[bank] |= set(numbers)
            else:
                entries.remove(bank, some)
                banked[bank] -= set(numbers)
            lost = {bank: len(held - collected) for bank, held in banked.items() if held - collected}
            if chance.random() < 0.7:  # else several changes at once
                assert counts.forgotten() == lost
            most = max(most, *lost.values(), 0)
        assert most > 5


def test_they_are_not_counted_twice(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "catalog.sqlite", create=True)) as database:
        bank = BankTable(database).create("a", negative=False, rule="copies", fpr=1e-6, note="").bank_id
        entries, counts = BankEntries(database), EntryCounts(database)
        entries.add(bank, [NewEntry("picture", sha256(number)) for number in range(1000)], 1)
        took = [steps(database, counts.forgotten) for _ in range(2)]
        assert took[0] > 1000
        assert took[1] < 100
        assert counts.forgotten() == {bank: 1000}
