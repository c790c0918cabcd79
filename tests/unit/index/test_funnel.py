"""How far a search goes for what it was asked."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.index.funnel import effort_by_probes, effort_of, search_tables
from lookalike.index.hashed import Hashed, fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Block
from lookalike.index.tuning import RecallPoint
from lookalike.kernels.arrays import frozen
from lookalike.kernels.metrics import parse_metric
from lookalike.kernels.stored import Stored
from oracle import Oracle

POINT = RecallPoint(reach=1.5, codes=200, sketches=30, probes=7.0, recall=0.9, lower=0.85, upper=0.95)


def some_block(count: int = 400) -> Block:
    vectors = np.random.default_rng(0).standard_normal((count, 6)).astype(np.float32)
    return Block(np.arange(count), vectors, np.ones(count, np.bool_))


@pytest.fixture(scope="module")
def hashed() -> Hashed:
    return fill([some_block()], HashSpec(2, 4))


def test_a_curves_point_is_taken_as_it_is() -> None:
    effort = effort_of(POINT, 10, 1.0)
    assert (effort.reach, effort.probes, effort.sketches) == (1.5, 0, 30)
    assert effort.codes >= 200


def test_dead_rows_make_room_for_living_ones() -> None:
    assert effort_of(POINT, 10, 0.5).codes >= 2 * effort_of(POINT, 10, 1.0).codes - 1


def test_no_stage_keeps_fewer_than_are_wanted() -> None:
    effort = effort_of(POINT, 300, 1.0)
    assert effort.codes >= 300
    assert effort.sketches >= 300


@pytest.mark.parametrize("probes", [32, 33, 10**9])
def test_all_buckets_mean_everything(hashed: Hashed, probes: int) -> None:
    effort = effort_by_probes(hashed, probes, 1, 0.01)
    assert effort.probes == 32
    assert min(effort.codes, effort.sketches) > 10**9


def test_the_widths_grow_with_what_is_wanted(hashed: Hashed) -> None:
    one, ten, many, among = (
        effort_by_probes(hashed, 31, k, share) for k, share in ((1, 1.0), (10, 1.0), (50, 1.0), (50, 0.25))
    )
    assert one == ten
    assert (one.probes, many.probes) == (31, 31)
    assert many.codes == 5 * ten.codes == among.codes / 4
    assert many.sketches == 5 * ten.sketches == among.sketches
    assert many.codes > many.sketches > 50


def test_rows_of_both_blocks_and_fresh_ones_are_found(hashed: Hashed) -> None:
    """300 rows in the first block, 100 in the tables beside them, 60 that the tables do not know."""
    covered, metric, oracle = some_block(), parse_metric("euclidean"), Oracle("euclidean")
    later = np.random.default_rng(1).standard_normal((60, 6)).astype(np.float32)
    ids = np.concatenate([covered.ids, np.arange(9000, 9060)])
    vectors = np.concatenate([covered.vectors, later])
    alive = np.random.default_rng(2).random(460) < 0.8
    first, second = (
        Block(*parts) for parts in zip(*(np.split(of, [300]) for of in (ids, vectors, alive)), strict=True)
    )
    oracle.add(ids[alive].tolist(), vectors[alive])
    queries = np.random.default_rng(3).standard_normal((4, 6)).astype(np.float32)
    effort = effort_by_probes(hashed, hashed.buckets, 400, 1.0)
    parts = (Block(*map(frozen, block)) for block in (first, second))  # as an index has them
    stored = Stored.of(*parts, frozen(hashed.functions.sketch(later)))
    found = search_tables(hashed, stored, effort, queries, 400, metric)
    expected, far = oracle.search(queries, 400)
    np.testing.assert_array_equal(found.ids, expected)
    np.testing.assert_allclose(found.distances, far, rtol=2e-6)
    living = int(alive.sum())
    assert found.work.distances == 4 * living
    assert found.work.probes == 4 * 32
    assert found.work.candidates == 4 * (2 * 400 + 60)
