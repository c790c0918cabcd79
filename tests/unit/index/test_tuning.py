"""Recall as it is measured, against a recomputation that takes every step by hand."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import twins
from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index import tuning
from lookalike.index.funnel import search_tables
from lookalike.index.hashed import Hashed, fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Block, rows_at
from lookalike.index.tuning import (
    Curve,
    RecallPoint,
    curve_for,
    effort_for,
    measure_recall,
)
from lookalike.kernels.arrays import frozen
from lookalike.kernels.funnel import Effort
from lookalike.kernels.metrics import parse_metric
from lookalike.kernels.stored import Stored
from oracle import distances

DIM = 12
SEED = 5
SIGNS, CELLS = HashSpec(2, 5), HashSpec(1, 0, cells=40)


@pytest.fixture
def _dear_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few rows as a test can count are scanned faster than searched in any other way: pretend not."""
    monkeypatch.setattr(tuning, "_SCANNED_ROW", 1e9)


dear_scans = pytest.mark.usefixtures("_dear_scans")


@pytest.fixture
def _own_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the queries with what they chose themselves, which is easier to compute again."""

    def by_all(cost: Any, shares: Any, levels: int) -> list[Any]:
        return [
            shares[at].astype(np.float64)
            for at in tuning._rising(cost, shares.mean(axis=3, dtype=np.float64))
        ]

    monkeypatch.setattr(tuning, "_by_others", by_all)


class Measured(NamedTuple):
    """Tables, and what was measured with them; ``queries`` are rows, drawn as documented."""

    blocks: list[Block]
    hashed: Hashed
    metric: str
    curves: dict[int, Curve]
    queries: NDArray[np.int64]


def measured(metric: str, count: int = 1500, *, dim: int = DIM, spec: HashSpec = SIGNS) -> Measured:
    random = np.random.default_rng(1)
    vectors = (random.standard_normal((count, dim)) * np.linspace(2, 0.5, dim)).astype(np.float32)
    prepared = parse_metric(metric).prepare(vectors)
    alive = random.random(count) > 0.1
    # As an index has them: for arrays of other types the search would be compiled again, for ten seconds.
    found = frozen(np.arange(count)), frozen(prepared), frozen(alive)
    parts = (np.split(of, [count * 2 // 3]) for of in found)
    blocks = [Block(*part) for part in zip(*parts, strict=True)]
    hashed = fill(blocks, spec)
    curves = measure_recall(blocks, hashed, parse_metric(metric), np.random.default_rng(SEED))
    living = len(hashed.tables.rows)
    most = 32 if metric == "manhattan" else 256
    drawn = np.random.default_rng(SEED).choice(living, min(living, most), False)
    return Measured(blocks, hashed, metric, curves, hashed.tables.rows[drawn].astype(np.int64))


class Needs(NamedTuple):
    """What each true neighbour takes, each (queries, k)."""

    reach: NDArray[np.float64]
    codes: NDArray[np.int64]
    sketches: NDArray[np.int64]


def widths(hashed: Hashed, vector: NDArray[np.float32]) -> NDArray[np.uint64]:
    """The pattern of a query; the kernels' tests hold it to its definition."""
    signs = hashed.functions.signs
    turned, spare = np.empty_like(signs[0]), np.empty_like(signs[0])
    code = np.ascontiguousarray(hashed.functions.margins(vector[None])[0, -128:])
    kernels.patterns.margins_of(frozen(vector), hashed.functions.rotation, code, turned, spare)
    pattern = np.empty((4, 8), np.uint64)
    kernels.patterns.pattern_of(turned, pattern)
    return pattern


def needs_of(found: Measured, k: int, most: int) -> Needs:
    """Sort all rows by distance, by code and by sketch, for each query anew."""
    blocks, hashed, metric, _, queries = found
    rows = np.sort(hashed.tables.rows).astype(np.int64)
    vectors = rows_at(blocks, rows)
    sketches = hashed.tables.sketches[np.argsort(hashed.tables.rows)]
    borders = hashed.functions.borders(hashed.functions.margins(vectors))
    keys = twins.keys(borders) if hashed.functions.bits else borders.argmin(axis=2)
    needs: list[tuple[NDArray[np.float64], list[int], list[int]]] = []
    for query in queries[:most].tolist():
        vector = rows_at(blocks, np.array([query]))[0]
        apart = distances(metric, vector[None], vectors)[0]
        apart[rows == query] = np.inf
        true = np.argsort(apart)[:k]
        costs = costs_of(hashed, vector[None])[0]
        reach = np.min([costs[table, keys[true, table]] for table in range(len(costs))], axis=0)
        pattern = widths(hashed, vector)
        codes = np.array(twins.differences(sketches, pattern, 2))
        wholes = np.array(twins.differences(sketches, pattern, 8))
        first = wholes[codes <= codes[true].max()]  # of the rows whose codes are good enough
        by_code = [int((codes < codes[row]).sum()) + 1 for row in true]
        by_sketch = [int((first < wholes[row]).sum()) + 1 for row in true]
        needs.append((reach, by_code, by_sketch))
    return Needs(*(np.array(part) for part in zip(*needs, strict=True)))


def costs_of(hashed: Hashed, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """What each bucket costs each of some queries, (queries, tables, buckets)."""
    borders = hashed.functions.borders(hashed.functions.margins(vectors))
    if hashed.functions.bits:
        return np.array([twins.costs(query) for query in borders])
    return borders.astype(np.float64)


@dear_scans
@pytest.mark.usefixtures("_own_choice")
@pytest.mark.parametrize(
    ("metric", "spec"),
    [("euclidean", SIGNS), ("cosine", SIGNS), ("manhattan", SIGNS), ("euclidean", CELLS), ("cosine", CELLS)],
)
@pytest.mark.parametrize("k", [10, 100])
def test_recall_is_the_share_that_needs_no_more(metric: str, spec: HashSpec, k: int) -> None:
    found = measured(metric, spec=spec)
    most = min(len(found.queries), {10: 256, 100: 64}[k])
    needs = needs_of(found, k, most)
    assert len(found.curves[k]) > 8
    for point in found.curves[k][::2]:
        enough = (
            (needs.reach <= point.reach * (1 + 1e-5))
            & (needs.codes <= point.codes)
            & (needs.sketches <= point.sketches)
        )
        shares = enough.mean(axis=1)
        bound = 1.645 * shares.std(ddof=1) / np.sqrt(most)
        assert point.recall == pytest.approx(shares.mean(), abs=0.004)  # ties in distance or in rounding
        assert point.lower == pytest.approx(max(0, point.recall - bound), abs=0.004)
        assert point.upper == pytest.approx(min(1, point.recall + bound), abs=0.004)


def test_queries_inside_a_knot_are_left_out_unless_all_have_to_do() -> None:
    copies = np.array([1, 30, 31, 900, 2])
    assert tuning._outside_knots(copies, 10, 1).tolist() == [True, True, False, False, True]
    assert tuning._outside_knots(copies, 100, 1).tolist() == [True, True, True, False, True]
    assert tuning._outside_knots(copies, 10, 2).all()  # nothing widens such a search
    assert tuning._outside_knots(np.array([1, 40, 50]), 10, 1).all()  # rows are like that


def test_shares_are_of_the_neighbours_that_need_no_more() -> None:
    random = np.random.default_rng(2)
    whole = (random.integers(1, 9, (3, 7)) for _ in range(2))
    needs = tuning._Needs(random.random((3, 7)).astype(np.float32), *whole)
    reaches = np.array([0.2, 0.5, 0.6, 1], np.float32)
    kept, compared = np.array([2, 4, 8]), np.array([1, 5, 8])
    shares = tuning._shares(needs, reaches, kept, compared)
    assert shares.shape == (4, 3, 3, 3)
    for place in np.ndindex(shares.shape):
        reach, code, sketch, query = place
        found = needs.reach[query] <= reaches[reach]
        found &= (needs.codes[query] <= kept[code]) & (needs.sketches[query] <= compared[sketch])
        assert shares[place] == pytest.approx(found.mean(), rel=1e-6)


@pytest.mark.parametrize("queries", [5, 8, 37])
def test_each_query_is_measured_with_what_the_others_choose(queries: int) -> None:
    random = np.random.default_rng(queries)
    cost = np.arange(60.0).reshape(3, 4, 5)
    shares = np.sort(random.random((60, queries)), axis=0).astype(np.float32).reshape(3, 4, 5, queries)
    found = tuning._by_others(cost, shares, 20)
    for query in range(queries):
        others = [other for other in range(queries) if other % 8 != query % 8]
        chosen = tuning._rising(cost, shares[..., others].mean(axis=3, dtype=np.float64))
        expected = [shares[chosen[min(level, len(chosen) - 1)]][query] for level in range(20)]
        np.testing.assert_array_equal(found[:, query], expected)


def test_where_the_others_find_no_effort_nothing_is_found() -> None:
    shares = np.zeros((1, 1, 1, 9), np.float32)
    assert not tuning._by_others(np.ones((1, 1, 1)), shares, 3).any()


@dear_scans
@pytest.mark.parametrize("spec", [SIGNS, CELLS], ids=["signs", "cells"])
def test_probes_are_the_buckets_within_reach(spec: HashSpec) -> None:
    found = measured("euclidean", spec=spec)
    costs = costs_of(found.hashed, rows_at(found.blocks, found.queries))
    for point in found.curves[10]:
        buckets = (costs <= point.reach * (1 + 1e-6)).sum(axis=(1, 2))
        assert point.probes == pytest.approx(buckets.mean(), rel=1e-3)


@dear_scans
@pytest.mark.parametrize("spec", [HashSpec(1, 5), SIGNS, CELLS], ids=["a table", "two tables", "cells"])
def test_a_search_with_the_effort_finds_no_less_than_the_curve_says(spec: HashSpec) -> None:
    found = measured("euclidean", spec=spec)
    queries = rows_at(found.blocks, found.queries)
    main, tail = found.blocks
    nothing = frozen(np.empty((0, 8), np.uint64))
    rows = np.sort(found.hashed.tables.rows)
    apart = distances("euclidean", queries, rows_at(found.blocks, rows))
    apart[np.arange(len(queries)), np.searchsorted(rows, found.queries)] = np.inf
    true = rows[np.argsort(apart, axis=1)[:, :10]]
    for point in found.curves[10]:
        effort = Effort(point.reach, 0, point.codes + 1, point.sketches + 1)  # its own row comes first
        answers = search_tables(
            found.hashed, Stored.of(main, tail, nothing), effort, queries, 11, parse_metric("euclidean")
        )
        assert (true[:, :, None] == answers.ids[:, None]).any(axis=2).mean() >= point.recall - 0.01


@dear_scans
def test_points_rise_and_none_does_less_of_anything_than_one_before() -> None:
    for curve in measured("euclidean").curves.values():
        recalls = [point.recall for point in curve]
        assert recalls == sorted(set(recalls))
        assert curve[0].recall >= 0.5
        assert curve[-1].recall >= 0.997
        for one, better in pairwise(curve):
            less, more = ((of.reach, of.codes, of.sketches) for of in (one, better))
            assert less != more
            assert all(a <= b for a, b in zip(less, more, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_rising_efforts_are_the_cheapest_that_rise(seed: int) -> None:
    """Against the same sum, minimised by trying each effort after each other one."""
    random = np.random.default_rng(seed)
    shape = (4, 3, 3)
    parts = [np.sort(random.uniform(1, 20, size)) for size in shape]
    cost = parts[0][:, None, None] + parts[1][None, :, None] + parts[2][None, None, :]
    cost[-1, -1, -1] = np.inf
    each = [np.sort(random.uniform(0.85, 1, size)) for size in shape]
    recall = each[0][:, None, None] * each[1][None, :, None] * each[2][None, None, :]
    places = [place for place in np.ndindex(*shape) if np.isfinite(cost[place])]
    best = dict.fromkeys(places, 0.0)
    reached = [level for level in tuning._LEVELS if max(recall[place] for place in places) >= level]
    least = [min(cost[place] for place in places if recall[place] >= level) for level in reached]
    for level, unit in zip(reached, least, strict=True):
        best = {
            place: cost[place] / unit
            + min(
                best.get(less, np.inf)
                for less in places
                if all(a <= b for a, b in zip(less, place, strict=True))
            )
            for place in places
            if recall[place] >= level
        }
    chosen = tuning._rising(cost, recall)
    assert len(chosen) == len(reached) > 3
    assert all(recall[place] >= level for place, level in zip(chosen, reached, strict=True))
    assert all(a <= b for one, more in pairwise(chosen) for a, b in zip(one, more, strict=True))
    total = sum(cost[place] / unit for place, unit in zip(chosen, least, strict=True))
    assert total == pytest.approx(min(best.values()))


@dear_scans
def test_the_generator_decides_which_rows_are_asked_about() -> None:
    found = measured("euclidean")

    def again(seed: int) -> dict[int, Curve]:
        return measure_recall(
            found.blocks, found.hashed, parse_metric("euclidean"), np.random.default_rng(seed)
        )

    assert again(SEED) == found.curves
    assert again(SEED + 1) != found.curves


@dear_scans
@pytest.mark.parametrize(("living", "empty"), [(1, True), (100, True), (101, False)])
def test_too_few_rows_tell_nothing(living: int, empty: bool) -> None:
    vectors = np.random.default_rng(0).standard_normal((150, 4)).astype(np.float32)
    alive = np.arange(150) < living
    block = Block(np.arange(150), vectors, alive)
    hashed = fill([block], HashSpec(1, 2))
    curves = measure_recall([block], hashed, parse_metric("euclidean"), np.random.default_rng(0))
    assert list(curves) == [10, 100]
    assert [curve == () for curve in curves.values()] == [empty, empty]


def test_no_effort_is_dearer_than_a_scan() -> None:
    """With few rows only low recalls are cheaper to reach than by a scan, or none is."""
    few, more = (measured("euclidean", count, dim=64).curves[10] for count in (200, 4000))
    assert few == ()
    assert 0 < len(more) < len(tuning._LEVELS)
    # A scan compares all components of 4,000 rows; each vector in the last stage costs as many of its own.
    assert all(point.sketches < 4000 / 5 for point in more)


@dear_scans
def test_rows_that_are_all_alike_can_be_measured() -> None:
    block = Block(np.arange(300), np.ones((300, 4), np.float32), np.ones(300, np.bool_))
    hashed = fill([block], HashSpec(1, 2))
    curves = measure_recall([block], hashed, parse_metric("cosine"), np.random.default_rng(0))
    assert all(point.recall == point.lower == point.upper == 1 for point in curves[10])
    assert len(curves[10]) == 1


def test_measuring_ends_where_it_is_told_to() -> None:
    class EnoughError(Exception):
        pass

    def go_on() -> None:
        raise EnoughError

    found = measured("euclidean", count=200)
    with pytest.raises(EnoughError):
        measure_recall(found.blocks, found.hashed, parse_metric("euclidean"), np.random.default_rng(0), go_on)


def point(recall: float, lower: float) -> RecallPoint:
    return RecallPoint(reach=recall, codes=10, sketches=5, probes=2.0, recall=recall, lower=lower, upper=1.0)


CURVE = (point(0.5, 0.45), point(0.92, 0.9), point(0.93, 0.89), point(1.0, 0.99))


@pytest.mark.parametrize(
    ("recall", "place"),
    [(0.01, 0), (0.45, 0), (0.46, 1), (0.9, 1), (0.91, 3), (0.99, 3), (0.991, None), (1.0, None)],
)
def test_the_cheapest_effort_that_surely_reaches_it(recall: float, place: int | None) -> None:
    assert effort_for(CURVE, recall) == (None if place is None else CURVE[place])
    assert effort_for((), recall) is None


def test_the_curve_for_the_next_larger_number_of_neighbours() -> None:
    curves = {100: CURVE[2:], 10: CURVE[:2]}
    for k in (1, 9, 10):
        assert curve_for(curves, k) == CURVE[:2]
    for k in (11, 100):
        assert curve_for(curves, k) == CURVE[2:]
    assert curve_for(curves, 101) == curve_for({}, 1) == ()


NO_MEASUREMENTS: dict[str, dict[str, Any]] = {
    "a negative reach": {"reach": -0.1},
    "a reach of nothing": {"reach": float("nan")},
    "codes that are no whole number": {"codes": 10.0},
    "codes of text": {"codes": "10"},
    "sketches that are no whole number": {"sketches": 5.5},
    "no sketches": {"sketches": 0},
    "a recall below its lower bound": {"recall": 0.4},
    "a recall above its upper bound": {"recall": 0.99, "upper": 0.98},
    "more than all": {"upper": 1.5},
    "less than nothing": {"lower": -0.1},
    "a recall of nothing": {"recall": float("nan")},
}


@pytest.mark.parametrize("case", NO_MEASUREMENTS)
def test_what_is_no_measurement(case: str) -> None:
    with pytest.raises(UsageError, match="not a measurement"):
        RecallPoint(**asdict(CURVE[1]) | NO_MEASUREMENTS[case])
