"""Gaps of an answer against lists, and the recall that goes with them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import twins
from lookalike.kernels import funnel, gaps
from lookalike.kernels.answers import Answers
from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking
from lookalike.kernels.funnel import Effort, Queries
from lookalike.kernels.metrics import Metric
from plain_funnel import Query, Shape, World

EVERYTHING = np.iinfo(np.int32).max
WEIGHTS = frozen(np.array([[-0.5, -1.25, -0.75], [4.0, 2.0, 3.0]], np.float32))

shapes = st.builds(
    Shape,
    tables=st.just(1),
    bits=st.integers(2, 5),
    dim=st.sampled_from([2, 33]),
    covered=st.integers(0, 120),
    fresh=st.integers(0, 20),
    first=st.integers(0, 140),
    alive=st.sampled_from([1.0, 0.6, 0.0]),
    cells=st.booleans(),
)


def judged(world: World, query: Query, effort: Effort, k: int) -> Answers:
    """The answer to a query, with its gaps and its recall."""
    return judged_by(world, query, effort, k)[0]


def judged_by(world: World, query: Query, effort: Effort, k: int) -> tuple[Answers, tuple[int, ...]]:
    """The same, and the work that it took."""
    answers = Answers.room(1, k)
    metric = Metric("euclidean")
    work = funnel.search(
        world.tables(),
        world.stored(),
        effort,
        Queries(frozen(query.vector[None]), query.borders[None], query.code_margins[None]),
        world.rotation(),
        Ranking(metric.code, metric.power),
        answers,
    )
    return answers, work


def root(score: float) -> float:
    """Anscombe's: the variance of it hardly depends on its mean."""
    return math.sqrt(score + 3 / 8)


class Visited(NamedTuple):
    """The buckets that are visited, (1, buckets), and between what the reach must lie that visits these."""

    buckets: NDArray[np.bool_]
    least: float
    most: float


def visited_by(world: World, query: Query, effort: Effort) -> Visited:
    """Those within the reach, or twice as many (one if there was none) as long as too few rows are met."""
    costs, reach = world.costs(query), effort.reach
    visited = costs <= reach
    least = most = float(reach)
    while len(world.met(visited)) < effort.codes and not visited.all():
        wanted = min(max(2 * int(visited.sum()), 1), costs.size)
        least = float(np.sort(costs, axis=None)[wanted - 1])
        visited = costs <= least
        most = float(costs[~visited].min(initial=np.inf))
    return Visited(visited, math.inf, math.inf) if visited.all() else Visited(visited, least, most)


class Expected(NamedTuple):
    """The least and the most that gaps should be, and for which share of the nearest the first two count."""

    least: list[float]
    most: list[float]
    left: float


def gaps_by_lists(world: World, query: Query, effort: Effort, k: int) -> Expected:
    """What ``gaps_of`` should find."""
    visited, *reaches = visited_by(world, query, effort)
    met = world.met(visited)
    passed = world.pass_codes(visited, query.pattern, effort.codes)
    codes = dict(enumerate(twins.differences(world.sketches, query.pattern, 2)))
    scores = world.pass_sketches(passed, query.pattern)
    compared = world.pass_vectors(scores, effort.sketches)
    if not compared:
        return Expected([0.0] * 3, [0.0] * 3, 1.0)
    code = min((codes[row] for row in met if row not in passed), default=7 * 128 + 1)
    sketch = min((score for row, score in scores.items() if row not in compared), default=7 * 512 + 1)
    apart = Metric("euclidean").exact(query.vector, world.vectors[compared]).astype(np.float32)
    border = np.sort(apart)[min(max(k, 10), len(apart)) - 1]
    near = [row for row, far in zip(compared, apart, strict=True) if far <= border]
    fresh = set(range(world.shape.covered, len(world.ids)))
    left = [row for row in near if not fresh <= set(passed) or row not in fresh]
    hashed = [row for row in left if row not in fresh]
    by_sketch = min(6.0, root(sketch - 0.5) - float(np.mean([root(scores[row]) for row in near])))
    if not left:
        return Expected([0.0, 0.0, by_sketch], [0.0, 0.0, by_sketch], 0.0)
    paid = world.costs(query)[0, world.keys[0, hashed]].sum() / len(left)
    by_code = min(6.0, root(code - 0.5) - float(np.mean([root(codes[row]) for row in left])))
    least, most = (1 - paid / reach if reach > 0 else 0.0 for reach in reaches)
    share = len(left) / len(near)
    return Expected([least, by_code, by_sketch], [most, by_code, by_sketch], share)


@settings(max_examples=200)
@given(
    shape=shapes,
    reach=st.sampled_from([0.0, 4.0, 30.0, math.inf]),
    codes=st.sampled_from([1, 10, 40, EVERYTHING]),
    sketches=st.sampled_from([1, 7, 25, EVERYTHING]),
    k=st.integers(1, 20),
    seed=st.integers(0, 2**32),
)
def test_gaps_are_those_of_lists(
    shape: Shape, reach: float, codes: int, sketches: int, k: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    world = World.drawn(shape, random)
    query = world.query(random)
    effort = Effort(reach, 0, codes, sketches, weights=WEIGHTS)
    found = judged(world, query, effort, k)
    least, most, left = gaps_by_lists(world, query, effort, k)
    assert (found.gaps[0] >= np.array(least) - 1e-4).all()
    assert (found.gaps[0] <= np.array(most) + 1e-4).all()
    odds = WEIGHTS[0] + WEIGHTS[1] * found.gaps[0]
    by_bucket, by_code, by_sketch = (1 / (1 + math.exp(-log)) for log in odds.tolist())
    if world.alive.any():
        recall = (left * by_bucket * by_code + 1 - left) * by_sketch
        assert found.recall[0] == pytest.approx(recall, rel=1e-3)


def test_nothing_is_said_without_weights() -> None:
    random = np.random.default_rng(0)
    world = World.drawn(Shape(), random)
    found = judged(world, world.query(random), Effort(3.0, 0, 20, 10), 5)
    assert np.isnan(found.recall).all()
    assert not found.gaps.any()


def test_each_gap_speaks_for_an_answer() -> None:
    for stage in range(3):
        wide = np.full((9, 3), 2, np.float32)
        wide[:, stage] = np.linspace(0, 3, 9)
        recalls = [float(gaps.recall_of(WEIGHTS, row)) for row in wide]
        assert all(0 < less < more <= 1 for less, more in pairwise(recalls))


def test_what_would_take_longer_than_a_scan_is_left_empty() -> None:
    """All rows are copies of one, so that all pass each stage or none."""
    random = np.random.default_rng(3)
    world = World.drawn(Shape(covered=90, fresh=10, first=60), random)
    world.sketches[:] = world.sketches[0]
    query = world.query(random)
    effort = Effort(math.inf, 0, 5, 5, weights=WEIGHTS)
    whole = judged(world, query, effort, 3)
    assert (whole.ids >= 0).all()
    for limit in ("most_sketches", "most_vectors"):
        assert (judged(world, query, effort._replace(**{limit: 100}), 3).ids == whole.ids).all()
        left = judged(world, query, effort._replace(**{limit: 99}), 3)
        assert (left.ids == -1).all()
        assert np.isnan(left.recall).all()


def test_a_query_too_far_outside_is_estimated_to_find_nothing() -> None:
    random = np.random.default_rng(4)
    world = World.drawn(Shape(), random)
    query = world.query(random)
    square = float((query.code_margins.astype(np.float64) ** 2).sum())
    effort = Effort(9.0, 0, 20, 10, weights=WEIGHTS)
    near, far = (judged(world, query, effort._replace(farthest=square * of), 3) for of in (1.01, 0.99))
    assert near.recall[0] > 0
    assert far.recall[0] == 0
    np.testing.assert_array_equal(near.ids, far.ids)


@pytest.mark.parametrize("aim", [0.8, 0.95, 0.99])
def test_wider_borders_would_be_enough_for_the_same_nearest_rows(aim: float) -> None:
    nothing = np.empty(0, np.float32)
    slots, scores = np.empty(0, np.int32), np.empty(0, np.uint16)
    passed = gaps.Passed(slots, scores, nothing, np.float32(2), 400, 900, False)
    measured = np.array([0.4, 0.5, 0.3], np.float32)
    reach, code, sketch = gaps.wider(WEIGHTS, aim, measured, passed)
    assert reach > 2
    then = np.array(
        [
            1 - 0.6 * 2 / reach,
            0.5 + root(code + 0.5) - root(399.5),
            0.3 + root(sketch + 0.5) - root(899.5),
        ],
        np.float32,
    )
    assert reach <= 1.5 * 2  # no search reaches farther at once
    passing = 1 / (1 + np.exp(-(WEIGHTS[0] + WEIGHTS[1] * then)))
    enough = passing >= aim ** (1 / 3) - 1e-6
    assert enough.tolist() == [reach < 1.5 * 2, True, True]
    assert gaps.recall_of(WEIGHTS, then) > gaps.recall_of(WEIGHTS, measured)
    wide = gaps.wider(WEIGHTS, aim, np.array([1, 6, 6], np.float32), passed)
    assert tuple(wide) == (2, 399, 899)  # as they were


@pytest.mark.parametrize("near", [True, False], ids=["near copies", "others"])
def test_a_first_answer_has_to_reach_more_if_near_copies_did_not_pass(near: bool) -> None:
    """Eight of 40 sketches are the query's, and pass; the others differ by a score of 32, or of 33."""
    random = np.random.default_rng(6)
    world = World.drawn(Shape(dim=33, covered=40, fresh=0, first=40), random)
    query = world.query(random)
    ones = np.flatnonzero(twins.widths(query.pattern) == 1)
    world.sketches[:] = query.pattern[0]
    for place in ones[ones >= 128][: 32 if near else 33].tolist():
        world.sketches[8:, place // 64] ^= np.uint64(1 << (place % 64))
    assert twins.differences(world.sketches[[0, 8]], query.pattern, 8) == [0, 32 if near else 33]
    effort = Effort(math.inf, 0, 40, 5, weights=WEIGHTS, enough=0.6, aim=0.99)
    answers, work = judged_by(world, query, effort, 3)
    assert 0.9 < answers.recall[0] < 0.99
    assert work[0] == (2 if near else 1) * world.shape.buckets
    assert (answers.ids >= 0).all()


def test_all_codes_pass_of_a_query_whose_code_tells_little_and_more_sketches() -> None:
    random = np.random.default_rng(4)
    world = World.drawn(Shape(dim=33, covered=120, fresh=0, first=120), random)
    query = world.query(random)
    whole = float(((query.vector - world.centre) ** 2).sum())
    share = float((query.code_margins**2).sum()) / whole
    for of, counted in ((0.99, 10), (1.01, None)):
        effort = Effort(math.inf, 0, 10, 5, weights=WEIGHTS, share=share * of)
        _, work = judged_by(world, query, effort, 3)
        living = int(world.alive.sum())
        assert work[2] < living if counted else work[2] == living
        assert work[3] < 20 if counted else work[3] >= 20
