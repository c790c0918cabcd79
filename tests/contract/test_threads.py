"""Searches in many threads while another thread changes the index: every answer fits some moment."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index import LSHIndex, Neighbors
from waiting import HANG_GUARD

DIM = 6
STAYING = 60  # rows 0 to 59 are never removed
MOVING = 40  # rows 100 to 139 come and go, each time with one of two vectors
EVERYTHING = 1 << 20
_random = np.random.default_rng(0)
HOME = _random.standard_normal((STAYING, DIM)).astype(np.float32)
AWAY = _random.standard_normal((2, MOVING, DIM)).astype(np.float32)


@pytest.fixture(autouse=True)
def _impatient_threads() -> Iterator[None]:
    """Let the interpreter switch threads hundreds of times as often, so that a race is met and not missed."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def change(index: LSHIndex, rounds: int) -> None:
    random = np.random.default_rng(1)
    for round_ in range(rounds):
        some = np.sort(random.permutation(MOVING)[: random.integers(1, MOVING)])
        index.add(100 + some, AWAY[0, some])
        index.settle()
        # One by one, with the other vector and back: ids move from the main part to the tail, and within it.
        for place in [*some, *some]:
            index.remove([100 + place])
            index.add([100 + place], AWAY[(round_ + 1) % 2, place][None])
        index.remove(100 + some)


def check(query: NDArray[np.float32], found: Neighbors, k: int) -> None:
    """Distances are those of the ids, sorted and distinct; no staying row nearer than the last is missing."""
    ids, measured = found.ids[0], found.distances[0]
    assert (ids >= 0).all(), "fewer were found than stay there all the time"
    assert len(set(ids.tolist())) == k, "an id was found twice"
    home = np.linalg.norm(HOME.astype(np.float64) - query, axis=1)
    away = np.linalg.norm(AWAY.astype(np.float64) - query, axis=2)
    for id_, distance in zip(ids.tolist(), measured.tolist(), strict=True):
        possible = [home[id_]] if id_ < STAYING else away[:, id_ - 100]
        assert np.isclose(possible, distance, rtol=1e-5, atol=1e-6).any()
    assert (measured[1:] >= measured[:-1]).all()
    nearer = np.flatnonzero(home < measured[-1] * (1 - 1e-5))
    assert set(nearer.tolist()) <= set(ids.tolist()), "a staying row was missed"


WAYS: dict[str, dict[str, Any]] = {
    "scan": {"exact": True},
    "tables": {"probes": EVERYTHING},
    "scan among": {"exact": True, "among": range(200)},
    "tables among": {"probes": EVERYTHING, "among": range(200)},
}


@pytest.mark.parametrize("way", WAYS)
def test_answers_fit_some_moment(way: str) -> None:
    index = LSHIndex(DIM, metric="euclidean", tables=2, bits=3)
    index.add(range(STAYING), HOME)
    index.settle()
    index.search(HOME[:1], 1, **WAYS[way])  # compiles the kernels before the clock of the threads runs
    stop = threading.Event()

    def look(seed: int) -> int:
        random = np.random.default_rng(seed)
        searches = 0
        while not stop.is_set() or searches < 20:
            query = HOME[random.integers(STAYING)] + random.standard_normal(DIM).astype(np.float32) / 5
            k = int(random.integers(1, STAYING - 10))
            check(query, index.search(query, k, **WAYS[way]), k)
            assert set(range(STAYING)) <= set(index.ids().tolist())
            searches += 1
        return searches

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(look, seed) for seed in range(3)]
        try:
            pool.submit(change, index, 12).result(timeout=HANG_GUARD)
        finally:
            stop.set()
        assert all(reader.result(timeout=HANG_GUARD) >= 20 for reader in readers)
    assert index.ids().tolist() == list(range(STAYING))
    check(HOME[0], index.search(HOME[0], 30, **WAYS[way]), 30)


def together(*works: Callable[[], None]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result(timeout=HANG_GUARD)


def test_writers_do_not_get_in_each_others_way() -> None:
    index = LSHIndex(DIM, metric="euclidean", tables=2, bits=3)

    def writer(start: int) -> Callable[[], None]:
        def write() -> None:
            for place in range(start, start + 150):
                index.add([place], np.full((1, DIM), place))
                if place % 3 == 0:
                    index.remove([place])
                if place % 50 == 49:
                    index.settle()

        return write

    together(writer(0), writer(1000), writer(2000))
    kept = [place for start in (0, 1000, 2000) for place in range(start, start + 150) if place % 3]
    assert index.ids().tolist() == kept
    found = index.search(np.full(DIM, 1100), len(kept), exact=True)
    assert sorted(found.ids[0].tolist()) == kept
    expected = np.abs(found.ids[0] - 1100.0) * np.sqrt(DIM)
    np.testing.assert_allclose(found.distances[0], expected, rtol=1e-6)


def test_an_index_can_be_saved_while_it_is_used(tmp_path: Any) -> None:
    index = LSHIndex(DIM, metric="euclidean", tables=2, bits=3)
    index.add(range(STAYING), HOME)
    index.save(tmp_path / "index")

    def save() -> None:
        for _ in range(15):
            index.save(tmp_path / "index")
            saved = LSHIndex.load(tmp_path / "index")
            assert set(range(STAYING)) <= set(saved.ids().tolist())
            check(HOME[3], saved.search(HOME[3], 20, probes=EVERYTHING), 20)

    together(save, lambda: change(index, 15))
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
