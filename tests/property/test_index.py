"""Any sequence of changes and searches agrees with a dict; any numbers agree with their definition."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import ExactIndex, LSHIndex
from oracle import METRICS, Oracle, distances
from waiting import wait_until_filled

DIM = 3
EVERYTHING = 1 << 20
ENOUGH = 1100  # rows that set off the filling of tables in the background

# Small whole numbers: many ties, and distances that float64 and float32 represent alike.
vector = st.lists(st.integers(-2, 2), min_size=DIM, max_size=DIM)
# Few ids, so that they come back often.
id_ = st.integers(0, 60)
# Some ids that may be there, and some that are not.
every = st.builds(range, id_, st.integers(0, 200_000), st.integers(1, 9))
chosen = st.none() | st.sets(id_, max_size=40).map(sorted) | every
some_queries = st.lists(vector, min_size=1, max_size=3)
radii = st.sampled_from((0, 0.5, 1, 1.4142135, 1.4142136, 2, 2.5, 3, 4, 6, float("inf")))


class Life(RuleBasedStateMachine):
    """What can happen to every index, beside an oracle to which the same happens."""

    index: ExactIndex | LSHIndex
    oracle: Oracle

    def ways(self) -> list[dict[str, Any]]:
        return [{}]

    @rule(pairs=st.dictionaries(id_, vector, min_size=1, max_size=25))
    def add(self, pairs: dict[int, list[int]]) -> None:
        if self.oracle.vectors.keys() & pairs.keys():
            with pytest.raises(UsageError):
                self.index.add(list(pairs), list(pairs.values()))
            pairs = {key: value for key, value in pairs.items() if key not in self.oracle.vectors}
        self.index.add(list(pairs), np.array(list(pairs.values())).reshape(-1, DIM))
        self.oracle.add(pairs, np.array(list(pairs.values())).reshape(-1, DIM))

    @rule(start=st.integers(1000, 100_000), count=st.integers(1, 150))
    def add_many(self, start: int, count: int) -> None:
        ids = [key for key in range(start, start + count) if key not in self.oracle.vectors]
        vectors = np.random.default_rng(start).integers(-2, 3, (len(ids), DIM))
        self.index.add(ids, vectors)
        self.oracle.add(ids, vectors)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if len(self.oracle):
            some = st.lists(st.sampled_from(self.oracle.ids()), min_size=1, max_size=20, unique=True)
            gone = data.draw(some)
            self.index.remove(gone)
            self.oracle.remove(gone)

    @rule(part=st.integers(2, 5))
    def remove_many(self, part: int) -> None:
        gone = [key for key in self.oracle.ids() if key % part]
        self.index.remove(gone)
        self.oracle.remove(gone)

    @rule(gone=id_)
    def remove_what_is_not_there(self, gone: int) -> None:
        if gone not in self.oracle.vectors:
            with pytest.raises(UsageError):
                self.index.remove([*self.oracle.ids()[:3], gone])

    @rule(queries=some_queries, k=st.integers(1, 40), among=chosen)
    def search(self, queries: list[list[int]], k: int, among: Any) -> None:
        ids, far = self.oracle.search(queries, k, among)
        for way in self.ways():
            found = self.index.search(queries, k, among=among, **way)
            np.testing.assert_array_equal(found.ids, ids, err_msg=str(way))
            np.testing.assert_allclose(found.distances, far, rtol=1e-6)

    @rule(queries=some_queries, radius=radii, among=chosen)
    def within(self, queries: list[list[int]], radius: float, among: Any) -> None:
        expected = self.oracle.within(queries, radius, among)
        for way in self.ways():
            if "probes" not in way:
                found = self.index.within(queries, radius, among=among, **way)
                assert np.diff(found.starts).tolist() == [len(ids) for ids, _ in expected], way
                np.testing.assert_array_equal(found.ids, np.concatenate([ids for ids, _ in expected]))
                far = np.concatenate([distances for _, distances in expected])
                np.testing.assert_allclose(found.distances, far, rtol=1e-6)

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "oracle"):
            assert len(self.index) == len(self.oracle)


class ExactLife(Life):
    @initialize(metric=st.sampled_from(("euclidean", "manhattan", "hamming")))
    def begin(self, metric: str) -> None:
        self.index, self.oracle = ExactIndex(DIM, metric), Oracle(metric)


class LSHLife(Life):
    index: LSHIndex

    @initialize(
        metric=st.sampled_from(("euclidean", "manhattan", "hamming")),
        shape=st.sampled_from(
            ({"tables": 2, "bits": 3}, {"tables": 1, "bits": 1}, {"bits": 2}, {"cells": 5}, {"cells": 1}, {})
        ),
        planes=st.sampled_from(("principal", "gaussian")),
    )
    def begin(self, metric: str, shape: dict[str, Any], planes: Any) -> None:
        self.index = LSHIndex(DIM, metric=metric, planes=planes, **shape)
        self.oracle = Oracle(metric)

    def ways(self) -> list[dict[str, Any]]:
        return [{"exact": True}, {"recall": 1.0}, {"probes": EVERYTHING}]

    @rule()
    def settle(self) -> None:
        self.index.settle()
        assert (self.index.unsettled, self.index.stale) == (0, False)

    @precondition(lambda self: len(self.oracle) < ENOUGH)
    @rule(start=st.integers(100_000, 200_000))
    def add_enough(self, start: int) -> None:
        """Tables are filled while the next rules run."""
        ids = [key for key in range(start, start + ENOUGH) if key not in self.oracle.vectors]
        vectors = np.random.default_rng(start).integers(-2, 3, (len(ids), DIM))
        self.index.add(ids, vectors)
        self.oracle.add(ids, vectors)

    @rule()
    def wait(self) -> None:
        wait_until_filled(self.index)

    @rule()
    def save_and_load(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.index.save(Path(folder) / "index")
            self.index = LSHIndex.load(Path(folder) / "index")

    @invariant()
    def ids_agree(self) -> None:
        if hasattr(self, "oracle"):
            assert self.index.ids().tolist() == self.oracle.ids()


CALM = settings(max_examples=25, stateful_step_count=25)
TestExactLife = ExactLife.TestCase
TestExactLife.settings = CALM
TestLSHLife = LSHLife.TestCase
TestLSHLife.settings = settings(CALM, max_examples=15)


def real_rows(count: int, dim: int, exponent: int) -> st.SearchStrategy[NDArray[np.float32]]:
    """Rows whose values reach from 0 to a power of ten."""
    largest = float(np.float32(10.0**exponent))
    values = st.floats(-largest, largest, width=32) | st.sampled_from((0.0, largest, -largest, largest / 2))
    return arrays(np.float32, (count, dim), elements=values.map(np.float32))


@given(data=st.data(), metric=st.sampled_from(METRICS))
@settings(max_examples=200)
def test_any_numbers_are_ranked_by_their_distances(data: st.DataObject, metric: str) -> None:
    dim, count = data.draw(st.integers(1, 6), "dim"), data.draw(st.integers(1, 12), "rows")
    exponent, k = data.draw(st.integers(-30, 15), "exponent"), data.draw(st.integers(1, 14), "k")
    vectors = data.draw(real_rows(count, dim, exponent), "vectors")
    queries = data.draw(real_rows(2, dim, exponent), "queries")
    index = ExactIndex(dim, metric)
    index.add(range(count), vectors)
    found = index.search(queries, k)
    # In units of the largest value, where the oracle's own squares cannot underflow.
    unit = 10.0**exponent
    true = distances(metric, queries.astype(np.float64) / unit, vectors.astype(np.float64) / unit)
    grows = 1.0 if metric in ("cosine", "hamming") else unit
    for row, ids, near in zip(true, found.ids, found.distances, strict=True):
        filled = min(k, count)
        assert (ids[filled:] == -1).all()
        measured = near[:filled].astype(np.float64) / grows
        np.testing.assert_allclose(measured, np.sort(row)[:filled], rtol=3e-6, atol=1e-6)
        np.testing.assert_allclose(measured, row[ids[:filled]], rtol=3e-6, atol=1e-6)
        pairs = list(zip(near[:filled].tolist(), ids[:filled].tolist(), strict=True))
        assert pairs == sorted(set(pairs))
