"""How far an LSH index goes for an answer: for a recall, for probes, and when it scans instead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index import LSHIndex, estimate
from lookalike.index.base import Work
from oracle import Oracle

LONG = 100
EVERYTHING = 1 << 20


def long_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Of length 100, most of it in a few directions."""
    spread = np.geomspace(3, 0.1, LONG, dtype=np.float32)
    return np.random.default_rng(seed).standard_normal((count, LONG)).astype(np.float32) * spread


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with a curve that reaches recalls above 0.7: enough long vectors with few directions."""
    path = tmp_path_factory.mktemp("lsh") / "index"
    index = LSHIndex(LONG, metric="euclidean", tables=1, bits=7)
    index.add(range(8000), long_vectors(8000))
    index.settle()
    index.save(path)
    return path


def test_the_wanted_recall_picks_the_effort(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate.Wish, "of", lambda *_: estimate.Wish(0.0, 0.0))  # no search is widened
    index = LSHIndex.load(saved)
    curve, queries = index.recall_curve(), long_vectors(400, seed=3)
    assert len(curve) > 5
    assert curve == index.recall_curve(1) == index.recall_curve(10)
    assert index.recall_curve(100) == index.recall_curve(11) != curve
    assert index.recall_curve(101) == ()
    for recall in (0.1, curve[1].lower, curve[-2].lower - 1e-9, curve[-1].lower):
        chosen = next(point for point in curve if point.lower >= recall)
        work = index.search(queries, 10, recall=recall).work
        assert work.probes / 400 == pytest.approx(chosen.probes, rel=0.15)
        assert work.distances / 400 == pytest.approx(chosen.sketches, rel=0.3)
    # A few more where buckets are equally near.
    assert 1200 <= index.search(queries, 5, probes=3).work.probes < 1210
    beyond = max(point.lower for point in curve) + 1e-6
    ways: list[dict[str, Any]] = [{"recall": beyond}, {"recall": 1.0}, {"recall": 0.1, "exact": True}]
    for how in ways:
        assert index.search(queries, 5, **how).work == Work(distances=400 * 8000)
    assert index.search(queries, 5).work == index.search(queries, 5, recall=0.95).work


def test_few_wanted_ids_are_scanned_and_many_are_not(saved: Path) -> None:
    index, queries = LSHIndex.load(saved), long_vectors(20, seed=4)
    recall = index.recall_curve(100)[0].lower
    few = index.search(queries, 10, recall=recall, among=range(0, 8000, 11))
    assert few.work == Work(distances=20 * 728)
    many = index.search(queries, 10, recall=recall, among=range(0, 8000, 2))
    assert many.work.probes > 0
    assert many.work.distances < 20 * 4000
    assert (many.ids % 2 == 0).all()


def test_a_query_that_meets_too_few_rows_is_completed(saved: Path) -> None:
    """The rows nearest to one query were removed, but not from the tables."""
    index, oracle = LSHIndex.load(saved), Oracle("euclidean")
    queries = long_vectors(30, seed=5)
    oracle.add(range(8000), long_vectors(8000))
    gone = oracle.search(queries[:1], 1000)[0][0]
    index.remove(gone)
    oracle.remove(gone)
    assert not index.stale
    recall = index.recall_curve()[0].lower
    found = index.search(queries, 10, recall=recall)
    assert (found.ids >= 0).all()
    assert found.ids[0].tolist() == oracle.search(queries[:1], 10)[0][0].tolist()
    assert found.work.distances >= 7000
    assert not np.isin(found.ids, gone).any()
    assert (found.ids != oracle.search(queries, 10)[0]).any()  # the others were not scanned for


def test_all_buckets_leave_nothing_out(saved: Path) -> None:
    index, queries = LSHIndex.load(saved), long_vectors(4, seed=6)
    for probes in (128, 129, EVERYTHING):
        found = index.search(queries, 700, probes=probes)
        assert np.array_equal(found.ids, index.search(queries, 700, exact=True).ids)
        assert found.work == Work(4 * 128, 4 * 8000, 4 * 8000, 4 * 8000)
    assert index.search(queries, 700, probes=100).work.candidates < 4 * 8000


def test_a_large_k_widens_the_funnel(saved: Path) -> None:
    index, query = LSHIndex.load(saved), long_vectors(1, seed=4)
    few, many = (index.search(query, k, probes=100).work for k in (1, 100))
    assert 100 <= few.distances < 200
    assert 1000 <= many.distances < 1500
    assert few.sketches < 2000 < many.sketches
    found, truth = (index.search(query, 100, **way).ids[0] for way in ({"probes": 100}, {"exact": True}))
    assert len(set(found.tolist()) & set(truth.tolist())) >= 90


IMPORTED = "sorted(name for name in sys.modules if name.partition('.')[0] in ('numba', 'llvmlite'))"


def run(program: str, *arguments: str) -> str:
    """What a program prints, in an interpreter of its own."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_neither_importing_nor_a_small_search_loads_the_compiler() -> None:
    program = f"""
import sys
import lookalike
from lookalike.index import ExactIndex, LSHIndex
for index in (ExactIndex(4), LSHIndex(4)):
    index.add(range(500), [[i, 1, 2, i % 7] for i in range(500)])
    index.remove([3])
    assert index.search([[1, 1, 2, 1]], 5).ids[0, 0] == 1
    assert index.search([[1, 1, 2, 1]], 5, among=[400, 3, 9]).ids[0, 0] == 9
    assert index.within([[1, 1, 2, 1]], 0.001).ids[0] == 1
assert "numpy" in sys.modules
print({IMPORTED})
"""
    assert run(program) == "[]\n"


def test_tables_are_looked_into_only_when_that_is_worth_loading_the_compiler(saved: Path) -> None:
    """A program that opens an index, searches once and ends would wait longer for the kernels to load."""
    program = f"""
import sys, threading, time
from pathlib import Path
from typing import Any
import numpy as np
from lookalike.index import LSHIndex, estimate
index = LSHIndex.load(Path(sys.argv[1]))
assert index.hashed
index.search(np.ones(100), 3, recall=0.3)
index.within(np.ones(100), 1.0, recall=0.3)
print({IMPORTED})
queries = np.random.default_rng(0).standard_normal((2000, 100))
first = index.search(queries, 3, recall=1.0)
while threading.active_count() > 1:
    time.sleep(0.01)
later = index.search(queries, 3, recall=0.3)
print(first.work.probes, later.work.probes > 0, "numba" in sys.modules)
"""
    assert run(program, str(saved)).splitlines() == ["[]", "0 True True"]
    by_probes = program.replace("np.ones(100), 3, recall=0.3", "np.ones(100), 3, probes=2")
    assert run(by_probes, str(saved)).splitlines()[0] != "[]"
