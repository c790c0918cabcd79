from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.errors import NotFoundError, UsageError
from lookalike.store import BankEntries, BankTable, Database, NewEntry, problems_in
from records import path, records, sha256
from stores import Store, ids_by_path, write_behind

ONE, TWO, SHORT = bytes(range(32)), bytes(range(1, 33)), bytes(16)


def test_a_bank_is_what_it_was_made(database: Database) -> None:
    table = BankTable(database)
    made = table.create("known", negative=True, rule="similar", fpr=1e-5, note="of May")
    assert (made.name, made.negative, made.enabled, made.rule, made.fpr, made.note) == (
        "known", True, True, "similar", 1e-5, "of May",
    )  # fmt: skip
    changed = table.change("known", enabled=False, note="of June")
    assert (changed.enabled, changed.note, changed.rule, changed.fpr) == (False, "of June", "similar", 1e-5)
    changed = table.change("known", rule="copies", fpr=1e-4)
    assert (changed.enabled, changed.note, changed.rule, changed.fpr) == (False, "of June", "copies", 1e-4)
    assert table.all() == [table.named("known")]
    with pytest.raises(UsageError, match="a bank 'known' already"):
        table.create("known", negative=False, rule="copies", fpr=1e-6, note="")
    table.delete("known")
    with pytest.raises(NotFoundError, match="no bank 'known'"):
        table.delete("known")


def test_entries_are_found_by_value_and_stay_unique(database: Database) -> None:
    table, entries = BankTable(database), BankEntries(database)
    a = table.create("a", negative=False, rule="copies", fpr=1e-6, note="").bank_id
    b = table.create("b", negative=False, rule="copies", fpr=1e-6, note="").bank_id
    first = NewEntry("pdq", ONE, note="n", tags=("x", "y"))
    assert entries.add(a, [first, NewEntry("pdq", TWO), NewEntry("md5", SHORT)], 7) == 3
    assert entries.add(b, [first], 8) == 1
    assert entries.add(a, [NewEntry("pdq", ONE)], 9) == 0
    assert [(one.bank_id, one.entry, one.added) for one in entries.holding("pdq", ONE)] == [
        (a, first, 7), (b, first, 8),
    ]  # fmt: skip
    labelled = NewEntry("pdq", ONE, note="new")
    assert entries.add(a, [labelled], 10) == 0
    assert entries.holding("pdq", ONE)[0].entry == labelled
    assert entries.holding("sha256", ONE) == []
    assert entries.counts() == {a: Counter(pdq=2, md5=1), b: Counter(pdq=1)}
    assert entries.remove(a, [("pdq", ONE), ("sha256", TWO)]) == 1
    assert [one.entry.value for one in entries.of(a)] == [TWO, SHORT]
    table.delete("a")
    assert entries.counts() == {b: Counter(pdq=1)}
    assert problems_in(database) == []


def test_the_banks_of_images_are_found_by_their_bytes(store: Store) -> None:
    table, entries = BankTable(store.database), BankEntries(store.database)
    ids = {
        name: table.create(name, negative=False, rule="copies", fpr=1e-6, note="").bank_id for name in "ba"
    }
    store.recorder.record(records(range(3)))
    images = [ids_by_path(store)[path(number)] for number in range(3)]
    one, two, three = map(sha256, range(3))
    entries.add(ids["b"], [NewEntry("picture", one), NewEntry("sha256", one), NewEntry("pdq", three)], 7)
    entries.add(ids["a"], [NewEntry("sha256", one), NewEntry("picture", two)], 7)
    assert entries.banks_having(images) == {images[0]: ["a", "b"], images[1]: ["a"]}
    assert entries.banks_having(images[1:]) == {images[1]: ["a"]}


def test_a_list_that_fails_adds_nothing(database: Database) -> None:
    bank = BankTable(database).create("a", negative=False, rule="copies", fpr=1e-6, note="")
    entries = BankEntries(database)
    before = BankTable(database).revision()

    def failing() -> Iterator[NewEntry]:
        yield NewEntry("pdq", ONE)
        raise UsageError("line 2")

    with pytest.raises(UsageError, match="line 2"):
        entries.add(bank.bank_id, failing(), 1)
    assert entries.counts() == {}
    assert BankTable(database).revision() == before


def test_every_change_is_counted_and_marked(database: Database) -> None:
    table, entries = BankTable(database), BankEntries(database)
    seen = [table.revision()]
    bank = table.create("a", negative=False, rule="copies", fpr=1e-6, note="")
    seen.append(table.revision())
    entries.add(bank.bank_id, [NewEntry("pdq", ONE)], 1)
    seen.append(table.revision())
    entries.remove_id(bank.bank_id, 1)
    seen.append(table.revision())
    table.change("a", enabled=False)
    seen.append(table.revision())
    assert [one.number for one in seen] == [0, 1, 2, 3, 4]
    assert len({one.mark for one in seen}) == 5
    assert all(map(table.was, seen))
    assert not table.was(type(seen[0])(2, seen[3].mark))


def test_damage_is_told_by_the_name_of_the_bank(database: Database, file: Path) -> None:
    bank = BankTable(database).create("known", negative=False, rule="copies", fpr=1e-6, note="")
    BankEntries(database).add(bank.bank_id, [NewEntry("pdq", ONE, note="é"), NewEntry("pdq", TWO)], 1)
    assert problems_in(database) == []
    write_behind(file, "UPDATE bank_entries SET value = ? WHERE id = 2", SHORT + SHORT)
    assert problems_in(database) == [
        "of the entries of bank 'known' 1 are damaged; restore them: lookalike bank import"
    ]
