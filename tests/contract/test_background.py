"""Tables are filled in the background: meanwhile every search is right and nobody waits."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import ALL_BUCKETS, Kind, Pair
from lookalike.index import LSHIndex, trial, tuning
from waiting import HANG_GUARD, end_of_filling, filling, wait_until_filled

DIM = 16
MANY = 4000  # more than may wait outside of tables
ENOUGH = 6  # what a test does while tables are held back, before it lets them be finished
WAYS: tuple[dict[str, Any], ...] = ({"exact": True}, {"recall": 1.0}, {"probes": ALL_BUCKETS})
SHAPE: dict[str, Any] = {"cells": 60}
LIVING = Kind("living", lambda dim, metric: LSHIndex(dim, metric=metric, **SHAPE), WAYS, 1, 60)


def random_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


ROWS = random_vectors(MANY)
QUERIES = random_vectors(3, seed=1)


class Held:
    """Holds tables back when they are filled but not measured yet, in every thread but the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._measure = tuning.measure_recall
        self.reached = threading.Event()
        self.let_go = threading.Event()
        monkeypatch.setattr(tuning, "measure_recall", self._wait_and_measure)

    def _wait_and_measure(self, *work: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.let_go.wait(HANG_GUARD), "nobody let the tables be finished"
        return self._measure(*work)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Tables that are filled in the background are not finished before the test lets them go."""
    holding = Held(monkeypatch)
    yield holding
    holding.let_go.set()
    end_of_filling()


class Living(Pair):
    """An index that is never told to settle, and its oracle."""

    index: LSHIndex

    def __init__(self, metric: str = "euclidean") -> None:
        super().__init__(LIVING, metric, DIM)

    def while_filling(self, held: Held) -> Iterator[int]:
        """Count for as long as tables are being filled, and let them be finished after some steps."""
        step, end = 0, time.monotonic() + HANG_GUARD
        while self.index.stale:
            assert time.monotonic() < end, "the tables were not filled in time"
            if step == ENOUGH:
                held.let_go.set()
            yield step
            step += 1
        assert step >= ENOUGH, "the tables were finished although they were held back"

    def check_at_rest(self) -> None:
        """Once all is filled, tables hold nearly everything, and answers are as before."""
        wait_until_filled(self.index)
        assert self.index.hashed
        assert len(self.index) == len(self.oracle)
        assert self.index.ids().tolist() == self.oracle.ids()
        self.check(QUERIES, 30)
        near = self.oracle.search(QUERIES[:1], 200)[1][0]
        self.check_within(QUERIES, float(near[-2] + near[-1]) / 2)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan", "hamming"])
def test_answers_are_right_from_the_first_row_on(metric: str, held: Held) -> None:
    both = Living(metric)
    both.add(range(MANY), ROWS)
    assert both.index.stale
    assert not both.index.hashed
    near, far = both.oracle.search(QUERIES, 10)
    for step in both.while_filling(held):
        found = both.index.search(QUERIES, 10, **WAYS[step % 3])
        np.testing.assert_array_equal(found.ids, near)
        np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
    assert both.index.unsettled == 0
    both.check_at_rest()


def test_rows_may_come_and_go_while_they_are_filled_in(held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    changes, came = 0, [QUERIES]
    for step in both.while_filling(held):
        # A row being filled in goes, comes back elsewhere and goes again; so does a new one.
        old, new = 7 * step, MANY + step
        both.remove([old])
        both.check(ROWS[old][None], 2, WAYS[step % 3 :][:1])
        both.add([old, new], random_vectors(2, seed=step + 2))
        both.check(random_vectors(2, seed=step + 2), 2, WAYS[step % 3 :][:1])
        changes += 3
        came.append(random_vectors(2, seed=step + 2))
        if step % 2:
            both.remove([new, old])
            both.check(random_vectors(2, seed=step + 2), 2, WAYS[step % 3 :][:1])
            changes += 2
    assert both.index.unsettled <= changes  # only what came or went meanwhile
    both.check_at_rest()
    both.check(np.concatenate(came)[:50], 2)
    both.index.settle()
    assert both.index.unsettled == 0
    both.check_at_rest()


def test_tables_are_filled_anew_beside_the_old_ones(held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    both.index.settle()
    both.add(range(MANY, MANY + 3000), random_vectors(3000, seed=2))
    for step in both.while_filling(held):
        assert both.index.hashed
        both.remove([step, MANY + step])
        both.check(QUERIES[step % 3 :][:1], 9, WAYS[step % 3 :][:1], among=range(step, 2 * MANY, 2))
    both.check_at_rest()
    # What is in the tables is found by its bucket alone.
    found = both.index.search(ROWS[2000:2200], 1, probes=1)
    assert found.ids[:, 0].tolist() == list(range(2000, 2200))
    assert found.work.candidates < 200 * MANY / 20


def _settle_and_go_on(both: Living) -> None:
    both.index.settle()
    both.remove(range(0, 1500, 3))
    both.add([3, 9000], QUERIES[:2])


def _add(both: Living) -> None:
    both.add(range(9000, 9003), QUERIES)
    both.remove([0])


def _remove_nearly_all(both: Living) -> None:
    both.remove(range(1450))
    both.add([7, 9000], QUERIES[:2])


@pytest.mark.parametrize("change", [_settle_and_go_on, _add, _remove_nearly_all])
def test_a_change_at_the_last_moment_counts(
    change: Callable[[Living], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When all work is done, but what came of it is not looked at yet."""
    both, changed, learn = Living(), False, trial.learn

    def learn_and_change(*work: Any) -> Any:
        nonlocal changed
        judge = learn(*work)
        if not changed:
            changed = True
            change(both)
        return judge

    monkeypatch.setattr(trial, "learn", learn_and_change)
    vectors = random_vectors(1500, seed=9)
    both.oracle.add(range(1500), vectors)
    both.index.add(range(1500), vectors)
    wait_until_filled(both.index)
    assert changed
    for _ in range(2):
        assert both.index.ids().tolist() == both.oracle.ids()
        both.check(QUERIES, 40)
        both.add([20_000, 20_001], random_vectors(2, seed=10))
        both.check(random_vectors(2, seed=10), 3)
        both.remove([20_000, 20_001])


def test_nothing_is_lost_when_nearly_all_rows_go_meanwhile(held: Held) -> None:
    """The few that stay are brought together at once; what is being filled knows nothing of that."""
    both = Living()
    both.add(range(MANY), ROWS)
    both.check(QUERIES, 3, WAYS[:1])
    assert filling()
    both.remove(range(MANY - 500))
    both.add([50_000, 3], random_vectors(2, seed=3))
    both.remove([MANY - 1])
    both.check(QUERIES, 600, WAYS[:1])
    held.let_go.set()
    wait_until_filled(both.index)
    assert both.index.ids().tolist() == both.oracle.ids()
    both.check(QUERIES, 600)
    both.add(range(60_000, 60_000 + MANY), ROWS)
    both.check_at_rest()


def test_nothing_comes_back_when_all_rows_go_meanwhile(held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    both.check(QUERIES, 3, WAYS[:1])
    assert filling()
    both.remove(range(MANY))
    held.let_go.set()
    wait_until_filled(both.index)
    assert len(both.index) == 0
    both.check(QUERIES, 3)
    assert both.check_within(QUERIES, float("inf")) == [0, 0, 0]


def test_settling_takes_the_place_of_what_is_filled_in_the_background(tmp_path: Path, held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    assert both.index.stale
    both.index.settle()
    assert (both.index.stale, both.index.hashed, both.index.unsettled) == (False, True, 0)
    both.index.save(tmp_path / "settled")
    held.let_go.set()
    both.check_at_rest()
    both.index.save(tmp_path / "later")
    plain = LSHIndex.build(np.arange(MANY), ROWS, metric="euclidean", **SHAPE)
    plain.save(tmp_path / "built")
    # The thread that came too late changed nothing: byte for byte what is built from the rows alone.
    assert (tmp_path / "settled").read_bytes() == (tmp_path / "built").read_bytes()
    assert (tmp_path / "later").read_bytes() == (tmp_path / "built").read_bytes()


def test_settling_ends_what_is_filled_in_the_background(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    assert held.reached.wait(HANG_GUARD)
    both.index.settle()
    learned, learn = [], trial.learn

    def count_and_learn(*work: Any) -> Any:
        learned.append(threading.current_thread())
        return learn(*work)

    monkeypatch.setattr(trial, "learn", count_and_learn)
    held.let_go.set()
    end_of_filling()
    assert not learned  # the thread left the last of its work undone


def test_saving_meanwhile_saves_everything(tmp_path: Path, held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    both.remove(range(0, MANY, 5))
    assert both.index.stale
    both.index.save(tmp_path / "index")
    loaded = LSHIndex.load(tmp_path / "index")
    assert (loaded.hashed, loaded.stale, loaded.unsettled) == (True, False, 0)
    assert loaded.ids().tolist() == both.oracle.ids()
    held.let_go.set()
    both.check_at_rest()
    both.index = loaded
    both.check_at_rest()


def test_two_writers_and_a_reader() -> None:
    index = LSHIndex(DIM, metric="euclidean", **SHAPE)
    staying = random_vectors(200, seed=4)
    index.add(range(200), staying)
    oracles = Living(), Living()  # each knows what one writer did

    def write(start: int, known: Pair) -> None:
        for step in range(20):
            ids = np.arange(start + 400 * step, start + 400 * (step + 1))
            vectors = random_vectors(400, seed=start + step)
            index.add(ids, vectors)
            known.oracle.add(ids, vectors)
            gone = ids[step % 2 :: 2]
            index.remove(gone)
            known.oracle.remove(gone)
            if step % 3 == 0:  # the same ids, elsewhere
                index.add(gone, -vectors[step % 2 :: 2])
                known.oracle.add(gone, -vectors[step % 2 :: 2])

    with ThreadPoolExecutor(2) as pool:
        writers = [
            pool.submit(write, start, known) for start, known in zip((1000, 100_000), oracles, strict=True)
        ]
        searches = 0
        while not all(writer.done() for writer in writers) or filling() or searches < 20:
            place = searches % 200
            found = index.search(staying[place], 1, **WAYS[searches % 3])
            assert (found.ids[0, 0], found.distances[0, 0]) == (place, 0)
            searches += 1
        for writer in writers:
            writer.result()
    both = Living()
    both.index = index
    both.oracle.add(range(200), staying)
    for known in oracles:
        both.oracle.vectors |= known.oracle.vectors
    both.check_at_rest()


def test_searches_do_not_wait_for_a_change(held: Held) -> None:
    both = Living()
    both.add(range(MANY), ROWS)
    near, _ = both.oracle.search(QUERIES, 5)
    both.index.settle()  # so that there are tables to search
    with ThreadPoolExecutor(1) as pool:
        settling = pool.submit(both.index.settle)
        assert held.reached.wait(HANG_GUARD)
        # The change has begun and cannot end: a search that waited for it would never return.
        for search in range(ENOUGH):
            found = both.index.search(QUERIES, 5, **WAYS[search % 3])
            np.testing.assert_array_equal(found.ids, near)
            both.index.within(QUERIES, 1.0, exact=True)
            assert len(both.index) == MANY
        assert not settling.done()
        held.let_go.set()
        settling.result()
    both.check_at_rest()


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "1 / 0"])
def test_an_interpreter_that_ends_does_not_wait_for_tables(ending: str) -> None:
    program = f"""
import atexit, sys, threading
import numpy as np
from lookalike.index import LSHIndex, trial, tuning
measure = tuning.measure_recall
def measure_at_the_end(*work):
    threading.main_thread().join()
    return measure(*work)
tuning.measure_recall = measure_at_the_end
index = LSHIndex(32, metric="euclidean", tables=1, bits=10)
atexit.register(lambda: print("hashed" if index.hashed else "not hashed"))
vectors = np.random.default_rng(0).standard_normal((2000, 32)).astype(np.float32)
index.add(range(2000), vectors)
assert index.stale
{ending}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=HANG_GUARD
    )
    assert done.returncode == {"sys.exit(3)": 3, "1 / 0": 1}.get(ending, 0)
    assert done.stdout == "not hashed\n"
    assert done.stderr == "" or (ending == "1 / 0" and done.stderr.count("Error") == 1)
