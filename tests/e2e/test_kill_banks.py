"""A process that changes banks is killed at random moments; nothing acknowledged is lost, nothing halved."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import pytest

from forked import fork_code
from lookalike import Collection
from lookalike.banks import Banks
from waiting import HANG_GUARD

KILLS = 6
LIST = 400
CHILD = """
import io, sys
from lookalike import Collection
from lookalike.banks import Banks
start, size = int(sys.argv[2]), int(sys.argv[3])
with Collection.open(sys.argv[1], create=True) as collection:
    banks = Banks(collection)
    print("begun", flush=True)
    for number in range(start, start + 10_000):
        lines = "".join(f"pdq {number * size + place:064x}\\n" for place in range(size))
        banks.create(f"bank {number}", note="of a list")
        banks.import_list(f"bank {number}", io.BytesIO(lines.encode()), "lines")
        banks.add_hashes(f"bank {number}", [f"sha256:{number:064x}"])
        banks.enable(f"bank {number}", enabled=number % 2 == 0)
        print(number, flush=True)
"""


def run_until_killed(store: Path, start: int, delay: float, *, early: bool) -> int:
    """The last number that a run from ``start`` acknowledged before it was killed; less if there is none.

    The delay counts from the start of its work if ``early``, else from its first number.
    """
    child = fork_code(CHILD, store, start, LIST)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    lines = [] if early else [child.stdout.readline()]
    timer = threading.Timer(delay, child.send_signal, [signal.SIGKILL])
    timer.start()
    lines += child.stdout.readlines()
    child.wait(timeout=HANG_GUARD)
    child.stdout.close()
    return max((int(line) for line in lines if line.endswith("\n")), default=start - 1)


@pytest.mark.slow
def test_bank_changes_survive_being_killed(tmp_path: Path) -> None:
    chance = random.Random(20)
    start, halves = 0, 0
    for kill in range(KILLS):
        done = run_until_killed(tmp_path / "store", start, chance.uniform(0.02, 0.3), early=kill % 2 == 0)
        with Collection.open(tmp_path / "store") as collection:
            banks = Banks(collection)
            counts = {bank.name: banks.counts().get(bank.bank_id, {}) for bank in banks.all()}
            for number in range(start, done + 1):
                bank = banks.named(f"bank {number}")
                assert counts[bank.name] == {"pdq": LIST, "sha256": 1}
                assert (bank.enabled, bank.note) == (number % 2 == 0, "of a list")
            # What was under way came as far as one of its steps, each whole.
            last = counts.get(f"bank {done + 1}")
            assert last in (None, {}, {"pdq": LIST}, {"pdq": LIST, "sha256": 1})
            halves += last is not None
            assert f"bank {done + 2}" not in counts
            assert collection.check().problems == []
            if last is not None:
                banks.delete(f"bank {done + 1}")
        start = done + 1
    assert start > 0
    assert halves > 0
