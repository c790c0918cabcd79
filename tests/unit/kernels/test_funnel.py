"""The whole funnel against its stages in plain lists, and against exact search where it keeps everything."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import oracle
from lookalike.kernels import funnel
from lookalike.kernels.answers import Answers
from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking
from lookalike.kernels.funnel import Effort, Queries
from lookalike.kernels.metrics import Metric, parse_metric
from plain_funnel import Query, Shape, World

EVERYTHING = np.iinfo(np.int32).max

shapes = st.builds(
    Shape,
    tables=st.integers(1, 3),
    bits=st.integers(1, 6),
    dim=st.sampled_from([1, 2, 33]),
    covered=st.integers(0, 120),
    fresh=st.integers(0, 20),
    first=st.integers(0, 140),
    alive=st.sampled_from([1.0, 0.6, 0.0]),
    cells=st.booleans(),
)
widths = st.sampled_from([1, 2, 7, 25, 60, EVERYTHING])
exact_metrics = st.sampled_from(["euclidean", "manhattan", "hamming"])
seeds = st.integers(0, 2**32)


class Found(NamedTuple):
    """Answers as (distance, id) of each query, and the work done: probes, codes, sketches, distances."""

    answers: list[list[tuple[float, int]]]
    work: tuple[int, ...]


def search(world: World, effort: Effort, queries: list[Query], metric: Metric, k: int) -> Found:
    """As the index calls it."""
    answers = Answers.room(len(queries), k)
    vectors = np.array([query.vector for query in queries], np.float32).reshape(-1, world.shape.dim)
    width = world.shape.buckets if world.shape.cells else world.shape.bits
    borders = np.array([query.borders for query in queries], np.float32)
    codes = np.array([query.code_margins for query in queries], np.float32)
    work = funnel.search(
        world.tables(),
        world.stored(),
        effort,
        Queries(frozen(vectors), borders.reshape(-1, world.shape.tables, width), codes.reshape(-1, 128)),
        world.rotation(),
        Ranking(metric.code, metric.power),
        answers,
    )
    lines = zip(answers.distances.tolist(), answers.ids.tolist(), strict=True)
    return Found([list(zip(*line, strict=True)) for line in lines], work)


def buckets_visited(world: World, effort: Effort, query: Query, count: int) -> NDArray[np.bool_]:
    """The cheapest buckets; checks that there are as many of them as there should be."""
    costs = world.costs(query)
    ordered = np.sort(costs, axis=None)
    if effort.probes:
        visited = np.asarray(costs <= ordered[min(effort.probes, len(ordered)) - 1])
        assert visited.sum() == count
        return visited
    visited = np.asarray(costs <= ordered[count - 1])
    assert visited.sum() == count  # of buckets that cost the same all or none
    within = costs <= effort.reach
    if len(world.met(within)) >= effort.codes:
        np.testing.assert_array_equal(visited, within)
    else:  # the reach was widened, and far enough
        assert not (within & ~visited).any()
        assert len(world.met(visited)) >= effort.codes or visited.all()
    return visited


def check_against_the_stages(
    world: World, effort: Effort, queries: list[Query], metric: Metric, k: int
) -> None:
    totals = np.zeros(4, np.int64)
    every = search(world, effort, queries, metric, k)
    for query, answer in zip(queries, every.answers, strict=True):
        alone = search(world, effort, [query], metric, k)
        assert alone.answers == [answer]
        totals += alone.work
        visited = buckets_visited(world, effort, query, alone.work[0])
        passed = world.pass_codes(visited, query.pattern, effort.codes)
        scores = world.pass_sketches(passed, query.pattern)
        compared = world.pass_vectors(scores, effort.sketches)
        assert answer == world.ranked(compared, query.vector, metric, k)
        met = len(world.met(visited)) + world.shape.fresh
        assert alone.work[1:] == (met, len(scores), len(compared))
    assert every.work == tuple(totals)


@settings(max_examples=200)
@given(
    shape=shapes,
    reach=st.sampled_from([0.0, 1.0, 9.0, 40.5, float("inf")]),
    codes=widths,
    sketches=widths,
    metric=exact_metrics,
    count=st.integers(0, 3),
    k=st.integers(1, 30),
    seed=seeds,
)
def test_a_search_by_reach_does_what_its_stages_say(
    shape: Shape, reach: float, codes: int, sketches: int, metric: str, count: int, k: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    queries = [world.query(random) for _ in range(count)]
    check_against_the_stages(world, Effort(reach, 0, codes, sketches), queries, Metric(metric), k)


@given(
    shape=shapes,
    probes=st.integers(1, 200),
    codes=widths,
    sketches=widths,
    metric=exact_metrics,
    k=st.integers(1, 30),
    seed=seeds,
)
def test_a_search_by_probes_does_what_its_stages_say(
    shape: Shape, probes: int, codes: int, sketches: int, metric: str, k: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    queries = [world.query(random) for _ in range(2)]
    check_against_the_stages(world, Effort(0.0, probes, codes, sketches), queries, Metric(metric), k)


@pytest.mark.parametrize("cells", [False, True], ids=["signs", "cells"])
@pytest.mark.parametrize("tables", [1, 2])
def test_keys_of_twenty_bits(tables: int, cells: bool) -> None:
    random = np.random.default_rng(tables)
    shape = Shape(tables, 20, covered=300, fresh=10, first=200, alive=0.9, cells=cells)
    world = World.drawn(shape, random)
    queries = [world.query(random) for _ in range(2)]
    for effort in (Effort(30.0, 0, 5, 3), Effort(0.0, 5000, 40, 10), Effort(0.0, tables << 20, 300, 300)):
        check_against_the_stages(world, effort, queries, Metric("euclidean"), 5)


def everything_kept(shape: Shape) -> Effort:
    return Effort(0.0, shape.tables << shape.bits, EVERYTHING, EVERYTHING)


def living(world: World) -> NDArray[np.intp]:
    return np.flatnonzero(world.alive)


@given(shape=shapes, metric=exact_metrics, k=st.integers(1, 40), seed=seeds)
def test_with_everything_kept_a_search_is_exact(shape: Shape, metric: str, k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    queries = [world.query(random) for _ in range(3)]
    judge = oracle.Oracle(metric)
    rows = living(world)
    judge.add(world.ids[rows].tolist(), world.vectors[rows])
    ids, distances = judge.search(np.stack([query.vector for query in queries]), k)
    found = search(world, everything_kept(shape), queries, Metric(metric), k)
    expected = [list(zip(*row, strict=True)) for row in zip(distances.tolist(), ids.tolist(), strict=True)]
    assert found.answers == expected
    hashed = int(world.filled.sum())
    assert found.work == (
        3 * shape.tables << shape.bits,
        3 * (shape.tables * hashed + shape.fresh),
        3 * len(rows),
        3 * len(rows),
    )


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-30])
@pytest.mark.parametrize("dim", [1, 2, 33, 512, 600])
@pytest.mark.parametrize("name", oracle.METRICS)
def test_every_metric_ranks_numbers_of_all_sizes(name: str, dim: int, scale: float) -> None:
    random = np.random.default_rng(dim)
    shape = Shape(2, 4, dim, covered=90, fresh=15, first=60, alive=0.8)
    drawn = np.clip(random.standard_normal((106, dim)) / 4, -1, 1)
    vectors = (drawn * scale).astype(np.float32)
    world = World(**{**vars(World.drawn(shape, random)), "vectors": vectors[:105]})
    metric = parse_metric(name)
    for vector in (vectors[105], vectors[int(living(world)[0])]):
        query = world.query(random)._replace(vector=vector)
        (answer,), _ = search(world, everything_kept(shape), [query], metric, 20)
        distances, ids = np.array([pair[0] for pair in answer]), [pair[1] for pair in answer]
        unit = 1.0 if name in ("cosine", "hamming") else scale
        every = oracle.distances(
            name, vector[None].astype(np.float64) / scale, vectors[:105] / np.float64(scale)
        )[0]
        by_id = dict(zip(world.ids.tolist(), every.tolist(), strict=True))
        nearest = np.sort(every[living(world)])[:20]
        np.testing.assert_allclose(distances / unit, nearest, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose([by_id[id_] for id_ in ids], nearest, rtol=1e-6, atol=1e-8)
        assert len(set(ids)) == 20


def test_a_row_that_dies_is_passed_over_at_once() -> None:
    random = np.random.default_rng(7)
    shape = Shape(2, 3, covered=50, fresh=10, first=40)
    world = World.drawn(shape, random)
    for row in (0, 39, 45, 55):  # of the first part; its last; a later one in the tables; a fresh one
        query = world.query(random)._replace(vector=world.vectors[row])
        before = search(world, everything_kept(shape), [query], Metric("euclidean"), 60).answers[0]
        world.alive[row] = False
        after = search(world, everything_kept(shape), [query], Metric("euclidean"), 60).answers[0]
        assert (0, world.ids[row]) in before
        gone = [pair for pair in before if pair[1] != world.ids[row]]
        assert after[: len(gone)] == gone


def test_nothing_to_search_and_nobody_who_asks() -> None:
    random = np.random.default_rng(0)
    empty = Shape(covered=0, fresh=0, first=0)
    world = World.drawn(empty, random)
    efforts = (Effort(0.0, 0, 10, 10), Effort(0.0, 3, 10, 10), everything_kept(empty))
    for effort in efforts:
        found = search(world, effort, [world.query(random)], Metric("cosine"), 2)
        assert found.answers == [[(float("inf"), -1)] * 2]
        assert found.work[1:] == (0, 0, 0)
        assert search(world, effort, [], Metric("cosine"), 2) == Found([], (0, 0, 0, 0))
