"""The funnel's three stages, one by one, against lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import twins
from lookalike.kernels import buckets, stages
from lookalike.kernels.answers import Answers
from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking
from lookalike.kernels.metrics import Metric
from lookalike.kernels.stages import Met, Visits
from lookalike.kernels.tables import Tables
from plain_funnel import Query, Shape, World

EVERYTHING = np.iinfo(np.int32).max

shapes = st.builds(
    Shape,
    tables=st.integers(1, 3),
    bits=st.integers(1, 5),
    dim=st.sampled_from([1, 2, 33]),
    covered=st.integers(0, 80),
    fresh=st.integers(0, 20),
    first=st.integers(0, 100),
    alive=st.sampled_from([1.0, 0.6, 0.0]),
)


NO_DISTANCES = np.empty(0, np.float32)


def run_codes(
    world: World, visited: NDArray[np.bool_], query: Query, keep: int
) -> tuple[list[int], int, int]:
    """Slots that pass, how many of them are in the tables, and the first score that does not pass."""
    keys = [np.flatnonzero(row) for row in visited]
    met = len(world.met(visited)) + world.shape.fresh
    slots = np.full(met, -1, np.int32)
    kept, hashed, beyond = stages.pass_codes(
        world.tables(),
        world.stored(),
        query.pattern,
        keep,
        Visits(
            np.concatenate(keys).astype(np.uint32),
            np.cumsum([len(part) for part in keys]),
            np.empty(int(visited.sum()) + met // 32, np.uint16),
        ),
        Met(np.empty(met + 31, np.uint16), slots, NO_DISTANCES),
        0,
    )
    return slots[:kept].tolist(), hashed, beyond


@given(shape=shapes, keep=st.sampled_from([1, 2, 10, 30, EVERYTHING]), seed=st.integers(0, 2**32))
def test_codes_within_the_border_pass(shape: Shape, keep: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    query = world.query(random)
    visited = random.random((shape.tables, 2**shape.bits)) < random.random()
    slots, hashed, beyond = run_codes(world, visited, query, keep)
    # Each row once; those in the tables first.
    assert sorted(map(world.row_in, slots)) == world.pass_codes(visited, query.pattern, keep)
    lost = [row for row in world.met(visited) if row not in map(world.row_in, slots)]
    assert beyond == min(twins.differences(world.sketches[lost], query.pattern, 2), default=7 * 128 + 1)
    in_tables = int(world.filled.sum())
    assert all(slot < in_tables for slot in slots[:hashed])
    assert all(slot >= in_tables for slot in slots[hashed:])


def test_fresh_rows_of_another_kind_pass_all_or_by_their_codes() -> None:
    """All pass if their codes score as well as the best in the tables, though some of them score worse."""
    random = np.random.default_rng(2)
    world = World.drawn(Shape(covered=90, fresh=20, first=60), random)
    query = world.query(random)
    fresh = list(range(90, 110))
    signs = query.pattern[0]
    for near, passing in ((5, fresh), (4, fresh[:4])):
        world.sketches[:] = ~signs
        world.sketches[:10] = world.sketches[90 : 90 + near] = signs
        slots, hashed, beyond = run_codes(world, np.ones((1, 8), np.bool_), query, 10)
        assert hashed == 10
        assert sorted(map(world.row_in, slots[hashed:])) == passing
        assert beyond == twins.differences(world.sketches[20:21], query.pattern, 2)[0]


def test_the_last_bucket_can_be_visited() -> None:
    random = np.random.default_rng(1)
    world = World.drawn(Shape(covered=60, first=60), random)
    visited = np.arange(8)[None] == 7
    slots, _, _ = run_codes(world, visited, world.query(random), EVERYTHING)
    assert sorted(map(world.row_in, slots)) == np.flatnonzero(world.keys[0] == 7).tolist() != []


@pytest.mark.parametrize("tables", [1, 2])
def test_of_very_many_about_as_many_pass_as_are_asked_for(tables: int) -> None:
    """The border may then be guessed from some of the scores, but it is one border for all."""
    random = np.random.default_rng(tables)
    count, keep = 60_000, 3000
    sketches = random.integers(0, 2**64, (count, 8), dtype=np.uint64)
    keys = random.integers(0, 4, (tables, count), dtype=np.uint32)
    filled = buckets.build(keys, sketches.copy(), np.ones(count, np.bool_), 4)
    world = World.drawn(Shape(tables=tables, covered=0), random)
    query = world.query(random)
    slots, scores = np.empty(tables * count, np.int32), np.empty(tables * count + 31, np.uint16)
    kept, hashed, beyond = stages.pass_codes(
        Tables._make(frozen(array) for array in filled),
        world.stored(),
        query.pattern,
        keep,
        Visits(
            np.tile(np.arange(4, dtype=np.uint32), tables),
            4 * np.arange(1, tables + 1),
            np.empty(4 * tables + tables * count // 32, np.uint16),
        ),
        Met(scores, slots, NO_DISTANCES),
        0,
    )
    assert kept == hashed
    assert keep / 1.5 < kept < keep * 1.5
    rows = filled.rows[slots[:kept]].tolist()
    assert len(set(rows)) == kept
    differences = np.array(twins.differences(sketches, query.pattern, 2))
    border = differences[rows].max()
    assert (differences <= border).sum() == kept
    assert border < beyond <= border + 10


@given(shape=shapes, seed=st.integers(0, 2**32))
def test_only_the_living_are_compared_further(shape: Shape, seed: int) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    query = world.query(random)
    in_tables = int(world.filled.sum())
    hashed = random.permutation(in_tables)[: random.integers(0, in_tables + 1)]
    fresh = in_tables + random.permutation(shape.fresh)[: random.integers(0, shape.fresh + 1)]
    slots = np.concatenate([hashed, fresh]).astype(np.int32)
    expected = world.pass_sketches([world.row_in(slot) for slot in slots.tolist()], query.pattern)
    scores = np.empty(len(slots), np.uint16)
    living = stages.pass_sketches(
        world.tables(),
        world.stored(),
        query.pattern,
        len(hashed),
        len(slots),
        Met(scores, slots, NO_DISTANCES),
    )
    assert living == len(expected)
    rows = [world.row_in(slot) for slot in slots[:living].tolist()]
    assert dict(zip(rows, scores[:living].tolist(), strict=True)) == expected


@given(
    shape=shapes,
    metric=st.sampled_from(["euclidean", "manhattan", "hamming"]),
    keep=st.sampled_from([1, 2, 10, 30, EVERYTHING]),
    k=st.integers(1, 40),
    seed=st.integers(0, 2**32),
)
def test_the_vectors_of_the_best_are_ranked(shape: Shape, metric: str, keep: int, k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    query = world.query(random)
    slots = random.permutation(int(world.filled.sum()) + shape.fresh).astype(np.int32)
    scores = random.integers(0, 30, len(slots)).astype(np.uint16)
    scores[:2] = 7 * 512
    rows = [world.row_in(slot) for slot in slots.tolist()]
    compared = world.pass_vectors(dict(zip(rows, scores.tolist(), strict=True)), keep)
    lost = [score for row, score in zip(rows, scores.tolist(), strict=True) if row not in compared]
    count, beyond = stages.keep_sketches(keep, Met(scores, slots, NO_DISTANCES), 0)
    assert sorted(map(world.row_in, slots[:count].tolist())) == sorted(compared)
    assert beyond == min(lost, default=7 * 512 + 1)
    answers, far = Answers.room(1, k), np.empty(count, np.float32)
    stages.pass_vectors(
        world.tables(),
        world.stored(),
        frozen(query.vector),
        Ranking(Metric(metric).code, 3.0),
        Met(scores[:count], slots[:count], far),
        Answers(answers.ids[0], answers.distances[0], answers.recall, answers.gaps[0]),
    )
    found = list(zip(answers.distances[0].tolist(), answers.ids[0].tolist(), strict=True))
    assert found == world.ranked(compared, query.vector, Metric(metric), k)
    kept = [world.row_in(slot) for slot in slots[:count].tolist()]
    expected = Metric(metric).exact(query.vector, world.vectors[kept]).astype(np.float32)
    np.testing.assert_array_equal(far, expected)
