from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.errors import Conflict, NotFoundError
from lookalike.store import (
    Bank,
    BankEntries,
    BankTable,
    Cases,
    CheckedPicture,
    Database,
    NewCase,
    NewEntry,
    problems_in,
)
from sqlite_steps import steps
from stores import write_behind

ONE, TWO = bytes(range(32)), bytes(range(1, 33))
FOUND = {"verdict": "copy", "p": 3e-9, "fpr": 1e-6, "model": "ab" * 32, "differing": None, "evidence": None}
PICTURE = CheckedPicture(b"\xaa" * 32, "a.jpg", b"a small JPEG")


@pytest.fixture
def bank(database: Database) -> Bank:
    made = BankTable(database).create("known", negative=False, rule="copies", fpr=1e-6, note="")
    BankEntries(database).add(made.bank_id, [NewEntry("pdq", ONE), NewEntry("picture", TWO)], 1)
    return made


def queued(cases: Cases, bank: Bank, picture: CheckedPicture = PICTURE) -> list[int]:
    new = [NewCase(bank.bank_id, "pdq", ONE, FOUND), NewCase(bank.bank_id, "picture", TWO, FOUND)]
    return cases.queue(picture, new)


def test_what_a_list_of_cases_takes_does_not_grow_with_the_bank(database: Database, bank: Bank) -> None:
    cases = Cases(database)
    for number in range(20):
        queued(cases, bank, CheckedPicture(number.to_bytes(32, "big"), "a.jpg", b"small"))
    asked: list[Callable[[], object]] = [
        cases.page,
        cases.counts,
        lambda: cases.case(1),
        lambda: cases.counts(bank.bank_id),
        lambda: cases.page("waiting", bank.bank_id),
        lambda: cases.page("gone"),
        lambda: cases.purge("Ada", "now"),
    ]
    before = [steps(database, ask) for ask in asked]
    entries = BankEntries(database)
    entries.remove(bank.bank_id, [("pdq", ONE), ("picture", TWO)])
    others = (NewEntry("md5", number.to_bytes(16, "big")) for number in range(5000))
    entries.add(bank.bank_id, [*others, NewEntry("pdq", ONE), NewEntry("picture", TWO)], 1)
    after = [steps(database, ask) for ask in asked]
    assert min(before) > 0
    assert [now < 1.5 * then + 10 for now, then in zip(after, before, strict=True)] == 7 * [True]


def test_a_pair_waits_once_and_is_decided_for_good(database: Database, bank: Bank) -> None:
    cases = Cases(database)
    first, second = queued(cases, bank)
    assert queued(cases, bank) == [first, second]
    assert cases.counts() == {"waiting": 2}
    assert [case.case_id for case in cases.page("waiting")] == [first, second]
    assert cases.picture(first) == b"a small JPEG"
    decided = cases.decide(first, "not a match", "ada", "2026-01-01T00:00:00Z")
    assert (decided.decision, decided.state, decided.logged) == ("not a match", "not a match", 1)
    assert cases.decided(PICTURE.sha256) == {(bank.bank_id, "pdq", ONE): "not a match"}
    assert cases.decided(bytes(32)) == {}
    assert queued(cases, bank) == [first, second]
    assert cases.counts() == {"waiting": 1, "not a match": 1}
    for replaces in (None, 2):
        with pytest.raises(
            Conflict, match=r"case 1 was decided: not a match, by ada.*replaces entry 1 of the audit log$"
        ) as refused:
            cases.decide(first, "confirmed", "bob", "2026-01-02T00:00:00Z", replaces=replaces)
        assert refused.value.replaces == 1
    with pytest.raises(Conflict, match="case 2 has no decision that could be replaced") as refused:
        cases.decide(second, "confirmed", "bob", "2026-01-02T00:00:00Z", replaces=1)
    assert refused.value.replaces is None
    assert cases.decided(PICTURE.sha256) == {(bank.bank_id, "pdq", ONE): "not a match"}
    assert cases.decide(first, "confirmed", "bob", "2026-01-02T00:00:00Z", replaces=1).logged == 2
    told = [json.loads(entry.text)["replaces"] for entry in cases.log.entries()]
    assert told == [None, 1]
    assert cases.decided(PICTURE.sha256) == {(bank.bank_id, "pdq", ONE): "confirmed"}
    assert cases.page("waiting", after=second) == []
    assert [case.case_id for case in cases.page(None, bank.bank_id, most=1)] == [first]
    assert cases.page(None, bank.bank_id + 1) == []
    assert problems_in(database) == []
    with pytest.raises(NotFoundError, match="no case 99"):
        cases.decide(99, "confirmed", "ada", "2026-01-01T00:00:00Z")


def test_an_entry_that_is_gone_leaves_nothing_to_decide_until_it_is_back(
    database: Database, bank: Bank
) -> None:
    cases, entries = Cases(database), BankEntries(database)
    first, second = queued(cases, bank)
    cases.decide(second, "confirmed", "ada", "2026-01-01T00:00:00Z")
    entries.remove(bank.bank_id, [("pdq", ONE), ("picture", TWO)])
    assert cases.counts() == {"gone": 1, "confirmed": 1}
    assert (cases.case(first).state, cases.case(second).state) == ("gone", "confirmed")
    entries.add(bank.bank_id, [NewEntry("pdq", ONE)], 2)
    assert cases.counts(bank.bank_id) == {"waiting": 1, "confirmed": 1}
    assert [case.case_id for case in cases.page("waiting")] == [first]
    entries.remove(bank.bank_id, [("pdq", ONE)])
    assert cases.purge("ada", "2026-01-02T00:00:00Z") == 1
    assert cases.counts() == {"confirmed": 1}
    assert (cases.case(second).name, cases.case(second).kept) == ("", False)
    with pytest.raises(NotFoundError, match="no picture is kept"):
        cases.picture(second)


def test_a_deleted_bank_takes_its_cases_and_their_pictures_along(database: Database, bank: Bank) -> None:
    cases, table = Cases(database), BankTable(database)
    other = table.create("other", negative=False, rule="copies", fpr=1e-6, note="")
    queued(cases, bank)
    queued(cases, bank, CheckedPicture(b"\xbb" * 32, "b.jpg", b"b"))
    queued(cases, other)
    table.delete("known")
    assert database.rows("SELECT sha256 FROM checked_pictures") == [(PICTURE.sha256,)]
    table.delete("other")
    assert database.rows("SELECT sha256 FROM checked_pictures") == []
    assert problems_in(database) == []


def test_only_pictures_that_nobody_needs_are_purged(database: Database, bank: Bank) -> None:
    cases = Cases(database)
    pictures = [CheckedPicture(bytes([n]) * 32, f"{n}.jpg", b"small") for n in range(4)]
    ids = [queued(cases, bank, picture) for picture in pictures]
    when = "2026-01-01T00:00:00Z"
    for pair, decisions in zip(ids, [("confirmed", "not a match"), ("unsure", "confirmed")], strict=False):
        for case_id, decision in zip(pair, decisions, strict=True):
            cases.decide(case_id, decision, "ada", when)  # type: ignore[arg-type]
    cases.decide(ids[2][0], "confirmed", "ada", when)
    assert cases.purge("ada", when) == 1
    assert [cases.case(first).kept for first, _ in ids] == [False, True, True, True]
    assert cases.purge("ada", when) == 0
    last = cases.log.last()
    assert last is not None
    assert '"what": "purge", "pictures": 1' in last.text
    # The same bytes come again for another bank: they are needed again.
    other = BankTable(database).create("other", negative=False, rule="copies", fpr=1e-6, note="")
    BankEntries(database).add(other.bank_id, [NewEntry("pdq", ONE)], 1)
    cases.queue(pictures[0], [NewCase(other.bank_id, "pdq", ONE, FOUND)])
    assert cases.picture(ids[0][0]) == b"small"
    assert problems_in(database) == []


def test_what_is_purged_is_not_left_in_the_file(database: Database, bank: Bank, file: Path) -> None:
    cases, marks = Cases(database), [b"a secret picture", b"a secret name"]
    for case_id in queued(cases, bank, CheckedPicture(b"\xcc" * 32, marks[1].decode(), marks[0] * 600)):
        cases.decide(case_id, "confirmed", "ada", "2026-01-01T00:00:00Z")
    database.row("PRAGMA wal_checkpoint(TRUNCATE)")
    assert all(mark in file.read_bytes() for mark in marks)
    cases.purge("ada", "2026-01-01T00:00:00Z")
    database.close()
    assert not any(mark in path.read_bytes() for mark in marks for path in file.parent.iterdir())


def test_a_damaged_decision_is_told_and_not_followed(database: Database, bank: Bank, file: Path) -> None:
    cases = Cases(database)
    first, _ = queued(cases, bank)
    cases.decide(first, "confirmed", "ada", "2026-01-01T00:00:00Z")
    write_behind(file, "UPDATE cases SET decision = 'not a match' WHERE id = ?", first)
    assert cases.decided(PICTURE.sha256) == {}
    assert problems_in(database) == [
        "of the cases for review 1 are damaged; restore a backup, or check the pictures again",
        "entry 1 of the audit log does not hold that case 1 was 'not a match'; restore a backup",
    ]


def test_the_log_is_only_added_to(database: Database, bank: Bank, file: Path) -> None:
    cases = Cases(database)
    first, _ = queued(cases, bank)
    cases.decide(first, "confirmed", "ada", "2026-01-01T00:00:00Z")
    with closing(sqlite3.connect(file)) as connection:
        for sql in ("UPDATE audit SET entry = '{}'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                connection.execute(sql)
