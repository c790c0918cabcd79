"""A process that decides cases is killed at random moments; nothing acknowledged is lost, nothing halved."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import pytest

from forked import fork_code
from lookalike import Collection
from lookalike.banks import Banks
from lookalike.review import Review
from lookalike.store import Cases
from waiting import HANG_GUARD

KILLS = 6
CHILD = """
import sys
from lookalike import Collection
from lookalike.review import Review
from lookalike.store import CASE_DECISIONS, BankTable, Cases, CheckedPicture, NewCase
found = {"verdict": "copy", "p": 1e-9, "fpr": 1e-6, "model": "", "differing": None, "evidence": None}
start = int(sys.argv[2])
with Collection.open(sys.argv[1]) as collection:
    review, cases = Review(collection), Cases(collection.bases.database)
    bank = BankTable(collection.bases.database).named("known").bank_id
    print("begun", flush=True)
    for number in range(start, start + 10_000):
        picture = CheckedPicture(number.to_bytes(32, "big"), f"{number}.jpg", b"small" * 1000)
        (case,) = cases.queue(picture, [NewCase(bank, "md5", bytes(16), found)])
        print("queued", number, flush=True)
        review.decide(case, CASE_DECISIONS[number % 3], f"reviewer {number}")
        print("decided", number, flush=True)
        if number % 7 == 6:
            review.purge("a purger")
"""


def run_until_killed(store: Path, start: int, delay: float) -> dict[str, int]:
    """The last number that a run from ``start`` acknowledged of each step before it was killed."""
    child = fork_code(CHILD, store, start)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    timer = threading.Timer(delay, child.send_signal, [signal.SIGKILL])
    timer.start()
    lines = [line.split() for line in child.stdout.readlines() if line.endswith("\n")]
    child.wait(timeout=HANG_GUARD)
    child.stdout.close()
    return {"queued": start - 1, "decided": start - 1, **{word: int(number) for word, number in lines}}


@pytest.mark.slow
def test_decisions_survive_being_killed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with Collection.open(store, create=True) as collection:
        banks = Banks(collection)
        banks.create("known")
        banks.add_hashes("known", ["md5:" + 32 * "0"])
    chance = random.Random(21)
    start, reached = 0, 0
    for _ in range(KILLS):
        done = run_until_killed(store, start, chance.uniform(0.02, 0.5))
        with Collection.open(store) as collection:
            review = Review(collection)
            cases = {int(case.row.sha256.hex(), 16): case for case in review.cases(most=100_000)}
            assert set(range(done["queued"] + 1)) <= set(cases) <= set(range(done["queued"] + 2))
            for number in range(start, done["decided"] + 1):
                facts = cases[number].facts()
                assert facts["decision"] == ("confirmed", "not a match", "unsure")[number % 3]
                assert facts["who"] == f"reviewer {number}"
            assert review.log.broken() is None
            told = [entry for entry in review.log.entries() if '"what": "purge"' not in entry.text]
            decided = [case for case in cases.values() if case.row.decision]
            assert len(told) == len(decided)  # none is in one place and not in the other
            assert len(decided) in (done["decided"] + 1, done["decided"] + 2)
            assert collection.check().problems == []
        reached, start = done["decided"], max(cases, default=-1) + 1
        if start > len(decided):  # queued, and killed before it was decided
            with Collection.open(store) as collection:
                last = Cases(collection.bases.database).page("waiting", most=1)[0]
                Review(collection).decide(last.case_id, "unsure", "after the kill")
    assert reached > KILLS
