"""A real indexing process is killed at random moments; nothing that it acknowledged may be lost."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import pytest

import pictures
from forked import fork_code
from lookalike import Collection
from waiting import HANG_GUARD

KILLS = 8  # `make break` goes on killing for as long as one wants
PICTURES = 48
CHILD = """
import sys
from lookalike import Collection
with Collection.open(sys.argv[1], create=True) as collection:
    collection.add([sys.argv[2]], on_progress=lambda progress: print(progress.done, flush=True))
print("finished", flush=True)
"""


def run_until_killed(store: Path, folder: Path, delay: float, *, early: bool) -> tuple[int, bool]:
    """Files acknowledged by a run that is killed, and whether it had finished by then.

    The delay counts from the start of the process where ``early``, else from the start of its work.
    """
    child = fork_code(CHILD, store, folder)
    assert child.stdout is not None
    lines = [] if early else [child.stdout.readline()]  # work begins with "0"
    timer = threading.Timer(delay, child.send_signal, [signal.SIGKILL])
    timer.start()
    lines += child.stdout.readlines()
    child.wait(timeout=HANG_GUARD)
    timer.cancel()
    child.stdout.close()
    numbers = [int(line) for line in lines if line.strip().isdigit() and line.endswith("\n")]
    return max(numbers, default=0), "finished\n" in lines


@pytest.mark.slow
def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    files = pictures.write(tmp_path / "pictures", PICTURES)
    chance = random.Random(20)
    kills = acknowledged = lost_races = 0
    store = tmp_path / "store-0"
    while kills < KILLS:
        done, finished = run_until_killed(
            store, tmp_path / "pictures", chance.uniform(0.02, 0.3), early=kills % 3 == 0
        )
        if finished:
            lost_races += 1
            acknowledged, store = 0, tmp_path / f"store-{kills}-{lost_races}"
            continue
        kills += 1
        acknowledged += done
        with Collection.open(store, create=True) as collection:
            known = collection.files()
            assert len(known) == len(set(known)) == len(collection) >= acknowledged
            report = collection.check()
            assert report.problems == []
            for path in chance.sample(known, min(2, len(known))):
                best = collection.search(path, 1)[0]
                assert path in best.paths
                assert best.similarity > 0.999
            acknowledged = len(known)
    with Collection.open(store, create=True) as collection:
        collection.add([tmp_path / "pictures"])
        assert collection.files() == sorted(files)
        assert len(collection) == PICTURES
        assert collection.check().repaired == []
