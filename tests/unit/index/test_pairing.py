"""All pairs by hash tables; the indexes of the common contract are so small that they scan."""

from __future__ import annotations

import math
import threading
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.index import LSHIndex, PairRecall, Pairs
from lookalike.index.pair_tables import PairTables
from lookalike.index.pairs import MOST_PAIRS
from lookalike.index.rows import Block
from lookalike.kernels.arrays import frozen
from lookalike.kernels.metrics import parse_metric
from oracle import METRICS, distances

DIM = 24
RADIUS = 0.06


def photos(count: int, seed: int = 0, noise: float = 0.12) -> NDArray[np.float32]:
    """Unit rows of which some are copies of others: three of ten rows, as near to them as RADIUS and less."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((count, DIM)) * np.linspace(2, 0.3, DIM)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    copies = random.permutation(count)[: 3 * count // 10]
    parents = random.integers(count, size=len(copies))
    moved = random.uniform(0, noise, (len(copies), 1)) * random.standard_normal((len(copies), DIM))
    rows[copies] = rows[parents] + moved
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def true_pairs(
    ids: NDArray[np.int64], rows: NDArray[np.float32], radius: float, metric: str = "cosine"
) -> dict[tuple[int, int], float]:
    order = np.argsort(ids)
    ids, apart = ids[order], distances(metric, rows[order], rows[order]).astype(np.float32)
    first, second = np.nonzero(np.triu(apart <= np.float32(radius), 1))
    pairs = zip(ids[first].tolist(), ids[second].tolist(), strict=True)
    return dict(zip(pairs, apart[first, second].tolist(), strict=True))


def listed(given: list[Pairs]) -> list[tuple[int, int]]:
    return [pair for some in given for pair in zip(some.first.tolist(), some.second.tolist(), strict=True)]


@pytest.fixture(scope="module")
def rows() -> NDArray[np.float32]:
    return photos(4_000)


@pytest.fixture(scope="module")
def ids(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.random.default_rng(1).permutation(9_000)[: len(rows)]


@pytest.fixture(scope="module", params=[{"tables": 1, "bits": 7}, {"cells": 80}], ids=["signs", "cells"])
def index(request: pytest.FixtureRequest, ids: NDArray[np.int64], rows: NDArray[np.float32]) -> LSHIndex:
    made = LSHIndex(DIM, **request.param)
    made.add(ids, rows)
    made.settle()
    return made


def is_exact(recall: PairRecall) -> bool:
    return recall == PairRecall.exact()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("keys", [{"tables": 1, "bits": 5}, {"tables": 3, "bits": 5}, {"cells": 20}], ids=str)
def test_tables_without_limits_find_what_the_oracle_finds(metric: str, keys: dict[str, Any]) -> None:
    """Rows in two parts, some of them dead, met in one table or in several."""
    measured = parse_metric(metric)
    vectors = measured.prepare(photos(400, seed=2))
    ids = np.concatenate([np.arange(0, 600, 2), np.random.default_rng(3).permutation(300)[:100] * 2 + 1])
    index = LSHIndex(DIM, metric=metric, **keys)
    index.add(ids, vectors)
    index.settle()
    hashed = index._state.hashed
    assert hashed is not None
    main = index._state.rows.main
    alive = np.arange(400) % 7 > 0
    blocks = [
        Block(frozen(part.copy()), frozen(main.vectors[place].copy()), frozen(alive[place]))
        for place in (slice(0, 250), slice(250, 400))
        for part in [main.ids[place]]
    ]
    walk = PairTables(hashed, blocks, measured)
    radius = float(np.quantile(distances(metric, vectors, vectors).astype(np.float32), 0.05))
    expected = true_pairs(main.ids[alive], main.vectors[alive], radius, metric)
    everything = kernels.pairs.Limits(np.inf, 1 << 14, 1 << 14, radius)
    found = walk.find(range(len(walk.ids)), everything)
    assert found is not None
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == sorted(expected)
    for first, second, far in zip(*(of.tolist() for of in found), strict=True):
        assert math.isclose(far, expected[first, second], rel_tol=2e-6, abs_tol=3e-7)


@pytest.mark.parametrize("keys", [{"tables": 1, "bits": 7}, {"tables": 2, "bits": 7}, {"cells": 40}], ids=str)
def test_a_pair_is_found_if_the_limits_are_what_it_needs(keys: dict[str, Any]) -> None:
    """The measure of recall rests on this: it tells what is found from the needs of pairs."""
    vectors = photos(1_500, seed=6)
    index = LSHIndex.build(np.arange(1_500), vectors, **keys)
    hashed = index._state.hashed
    assert hashed is not None
    walk = PairTables(hashed, index._state.rows.blocks(), index.metric)
    expected = np.array([*true_pairs(walk.ids, vectors, 0.3)])
    needs = walk.needs(*(walk.vectors(walk.places(expected[:, side])) for side in (0, 1)))
    for share in (0.3, 0.7, 0.95):
        reach, code, sketch = (np.quantile(need, share, method="lower") for need in needs)
        limits = kernels.pairs.Limits(
            float(reach) * (1 + 1e-6), int(code), int(sketch), float(np.float32(0.3))
        )
        found = walk.find(range(len(walk.ids)), limits)
        assert found is not None
        within = needs.within(limits)
        assert 0 < np.count_nonzero(within) < len(expected)
        met = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
        wanted = {(int(a), int(b)) for a, b in expected[within]}
        assert len(met ^ wanted) <= 0.002 * len(wanted)  # margins of a batch are rounded otherwise


def test_the_wanted_share_is_found_and_measured(
    index: LSHIndex, ids: NDArray[np.int64], rows: NDArray[np.float32]
) -> None:
    expected = true_pairs(ids, rows, RADIUS)
    assert len(expected) > 500
    shares, held = [], []
    for recall in (0.8, 0.95, 0.99):
        answer = index.pairs(RADIUS, recall=recall)
        given = list(answer)
        found = listed(given)
        assert not is_exact(answer.recall)
        assert len(set(found)) == len(found)
        assert set(found) <= set(expected)
        apart = np.concatenate([some.distances for some in given])
        np.testing.assert_allclose(apart, [expected[pair] for pair in found], rtol=2e-6, atol=3e-7)
        order = list(zip([a for a, _ in found], apart.tolist(), [b for _, b in found], strict=True))
        assert order == sorted(order)
        shares.append(len(found) / len(expected))
        measured = answer.recall
        held.append(measured.lower <= shares[-1] <= measured.upper)
        # Bounds of 95 % miss once in twenty times; those of 99.9 %, which are 1.7 times as wide, must not.
        assert abs(measured.recall - shares[-1]) <= 1.7 * (measured.upper - measured.lower) / 2
    assert sum(held) >= 2
    assert shares == sorted(shares)
    assert shares[0] >= 0.8 - 0.02
    assert shares[1] >= 0.95 - 0.01
    assert shares[2] >= 0.99 - 0.01


def test_where_hardly_a_row_has_a_pair_limits_are_chosen_by_made_ones(
    index: LSHIndex, ids: NDArray[np.int64], rows: NDArray[np.float32]
) -> None:
    expected = true_pairs(ids, rows, 0.0001)
    answer = index.pairs(0.0001)
    assert repr(answer).startswith(f"<AllPairs of {len(index):,} rows, recall {answer.recall.recall:.3f}: ")
    found = listed(list(answer))
    assert not is_exact(answer.recall)
    assert set(found) <= set(expected)
    assert len(found) == len(set(found)) >= 0.95 * len(expected)


def test_where_all_rows_are_pairs_a_scan_is_cheaper() -> None:
    index = LSHIndex(DIM, tables=1, bits=6)
    index.add(range(1_000), photos(1_000, seed=5))
    index.settle()
    answer = index.pairs(1.9)
    assert is_exact(answer.recall)
    assert len(listed(list(answer))) == len(true_pairs(np.arange(1_000), photos(1_000, seed=5), 1.9))


def test_runs_of_rows_and_threads_change_nothing(index: LSHIndex) -> None:
    whole = listed(list(index.pairs(RADIUS, threads=1)))
    assert listed(list(index.pairs(RADIUS, threads=3))) == whole
    parts: list[tuple[int, int]] = []
    done = 0
    while done < 9_000:
        stop = done + 3_000
        for some in index.pairs(RADIUS, rows=(done, stop)):
            parts += listed([some])
            assert done <= some.done <= stop
            done = some.done
    assert parts == whole


def test_rows_that_came_or_went_since_the_tables_were_filled(rows: NDArray[np.float32]) -> None:
    index = LSHIndex(DIM, tables=1, bits=7)
    index.add(range(3_500), rows[:3_500])
    index.settle()
    index.remove(range(0, 500, 2))
    alone = np.setdiff1d(np.arange(3_500), np.arange(0, 500, 2))
    for later in (3_500, 3_900):
        index.add(range(3_500, later), rows[3_500:later])
        living = np.concatenate([alone, np.arange(3_500, later)])
        expected = true_pairs(living, rows[living], RADIUS)
        answer = index.pairs(RADIUS, recall=0.97)
        found = listed(list(answer))
        assert not is_exact(answer.recall)
        assert set(found) <= set(expected)
        assert len(found) >= 0.96 * len(expected)


@pytest.mark.parametrize("step", [2, 6])
def test_among_a_half_and_among_a_few(
    index: LSHIndex, ids: NDArray[np.int64], rows: NDArray[np.float32], step: int
) -> None:
    some = np.arange(0, len(ids), step)
    expected = true_pairs(ids[some], rows[some], RADIUS)
    found = listed(list(index.pairs(RADIUS, among=ids[some])))
    assert set(found) <= set(expected)
    assert len(found) >= 0.94 * len(expected)


def knot(metric: str, **settings: Any) -> LSHIndex:
    """3,000 rows, of which 500 are equal: so many pairs that they do not fit into one array."""
    vectors = photos(3_000, seed=4)
    vectors[1_000:1_500] = vectors[0]
    index = LSHIndex(DIM, metric=metric, **settings)
    index.add(range(3_000), vectors)
    index.settle()
    return index


@pytest.mark.parametrize("settings", [{}, {"tables": 2, "bits": 7}])
def test_pairs_beyond_count_come_in_arrays_of_bounded_size(settings: dict[str, int]) -> None:
    given = list(knot("euclidean", **settings).pairs(0.001, threads=2))
    found = listed(given)
    assert max(len(some.first) for some in given) <= MOST_PAIRS
    equal = {(a, b) for a in range(1_000, 1_500) for b in range(a + 1, 1_500)}
    equal |= {(0, b) for b in range(1_000, 1_500)}
    assert equal <= set(found)
    assert found == sorted(found)  # all of these are 0 apart, so second ids ascend
    done = [some.done for some in given]
    assert done == sorted(done)
    assert done[-1] == 3_000
    for some, following in pairwise(given):
        assert some.done <= min([3_000, *following.first.tolist()])


def test_an_answer_shows_the_rows_as_they_were(rows: NDArray[np.float32]) -> None:
    index = knot("cosine", tables=1, bits=7)
    answer, again = index.pairs(0.0), listed(list(index.pairs(0.0)))
    first = next(answer)
    index.remove(range(1_000, 1_200))
    index.add(range(5_000, 5_100), np.repeat(rows[:1], 100, axis=0))
    index.settle()
    assert listed([first, *answer]) == again


def test_closing_ends_the_threads() -> None:
    answer = knot("cosine").pairs(0.0, threads=2)
    next(answer)
    answer.close()
    assert list(answer) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pairs")]


def test_bounds_of_a_share() -> None:
    nothing = PairRecall.of(0.0, 0, 200, 0)
    assert (nothing.recall, nothing.lower, nothing.upper) == (None, 0.0, 1.0)
    few, many = PairRecall.of(1.0, 10, 200, 10), PairRecall.of(1.0, 1000, 1000, 1000)
    assert few.upper == pytest.approx(1.0)
    assert few.lower == pytest.approx(10 / (10 + 1.645**2))
    assert few.lower < many.lower < 1.0


@pytest.mark.parametrize("step", [1, 50, 777])
def test_what_is_known_of_a_row_does_not_depend_on_the_run_it_is_in(index: LSHIndex, step: int) -> None:
    """To the last digit, lest a pair at the very limits be found in one run of rows and not in another."""
    state = index._state
    assert state.hashed is not None
    tables = PairTables(state.hashed, state.rows.blocks(), index.metric)
    whole = tables._run(range(len(tables.ids)))
    for start in range(123, 2_000, 777):
        for array, own in zip(whole, tables._run(range(start, start + step)), strict=True):
            np.testing.assert_array_equal(own, array[start : start + step])


def test_pairs_of_runs_of_rows_are_those_of_all_rows() -> None:
    random = np.random.default_rng(11)
    rows = random.standard_normal((60, 48))[random.integers(0, 60, 5_000)]
    rows += 0.5 * random.standard_normal(rows.shape)
    index = LSHIndex(48, cells=64)
    index.add(np.arange(len(rows)), rows)
    index.settle()
    for radius in (0.12, 0.14):
        runs = [(start, start + 1_777) for start in range(0, len(rows), 1_777)]
        parts = [pair for run in runs for pair in listed([*index.pairs(radius, rows=run)])]
        assert parts == listed([*index.pairs(radius)])
