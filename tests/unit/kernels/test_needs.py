"""What it takes to find a row, against counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import twins
from lookalike.kernels import bits as sizes
from lookalike.kernels import costs, needs, patterns
from lookalike.kernels.arrays import frozen
from plain_funnel import Shape, World
from twins import Floats

NOBODY = np.iinfo(np.int64).max


def whole_margins(*shape: int, seed: int) -> Floats:
    """Whole numbers: their squares add up exactly in any order."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float32)


@pytest.mark.parametrize("cells", [False, True], ids=["signs", "cells"])
@pytest.mark.parametrize(
    ("queries", "rows", "tables", "bits"),
    [(0, 3, 1, 4), (3, 0, 2, 5), (1, 1, 1, 1), (5, 7, 3, 6), (2, 9, 1, 20)],
)
def test_a_rows_reach_is_the_cost_of_its_cheapest_bucket(
    queries: int, rows: int, tables: int, bits: int, cells: bool
) -> None:
    borders = whole_margins(queries, tables, 2**bits if cells else bits, seed=bits)
    keys = np.random.default_rng(bits).integers(0, 2**bits, (tables, queries, rows), dtype=np.uint32)
    found = needs.reaches(borders, keys, 2**bits)
    assert found.shape == (queries, rows)
    assert found.dtype == np.dtype("float32")
    for query in range(queries):
        paid = borders[query] if cells else twins.costs(borders[query])
        for row in range(rows):
            assert found[query, row] == min(paid[table, keys[table, query, row]] for table in range(tables))


@pytest.mark.parametrize("cells", [False, True], ids=["signs", "cells"])
def test_at_its_reach_a_row_is_met_and_not_before(cells: bool) -> None:
    random = np.random.default_rng(1)
    borders = np.abs(random.standard_normal((1, 2, 256 if cells else 8))).astype(np.float32)
    row_keys = random.integers(0, 256, (2, 1, 400), dtype=np.uint32)
    keys = np.empty(256, np.uint32)
    known = costs.costs_of(borders[0], 256, *costs.room_for(borders, 256))

    def is_met(row: int, reach: float) -> bool:
        for table in range(2):
            count = costs.keys_within(known, table, np.float32(reach), keys)
            if row_keys[table, 0, row] in keys[:count]:
                return True
        return False

    for row, reach in enumerate(needs.reaches(borders, row_keys, 256)[0].tolist()):
        assert is_met(row, reach)
        assert not is_met(row, np.nextafter(np.float32(reach), np.float32(-1)))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@given(
    queries=st.integers(0, 3),
    blocks=st.lists(st.integers(0, 30), max_size=4),
    k=st.integers(1, 12),
    seed=st.integers(0, 2**32),
)
def test_the_nearest_of_all_blocks_are_kept(
    kind: Any, queries: int, blocks: list[int], k: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, 8, (queries, sum(blocks))) / kind(3)
    scores[random.random(scores.shape) < 0.2] = np.inf
    own = random.integers(0, sum(blocks) + 1, queries)
    nearest, nearest_scores = np.full((queries, k), NOBODY), np.full((queries, k), np.inf, np.float32)
    first = 0
    for count in blocks:
        part = np.ascontiguousarray(scores[:, first : first + count])
        needs.offer(part, first, own, nearest, nearest_scores)
        first += count
    for query in range(queries):
        counting = [
            (float(np.float32(score)), row)
            for row, score in enumerate(scores[query].tolist())
            if row != own[query] and score < np.inf
        ]
        expected = sorted(counting)[:k] + [(float("inf"), int(NOBODY))] * (k - len(counting))
        found = zip(nearest_scores[query].tolist(), nearest[query].tolist(), strict=True)
        assert sorted(found) == expected


@pytest.mark.parametrize("count", [1, 2, 300])
def test_a_rank_is_what_must_be_kept(count: int) -> None:
    random = np.random.default_rng(count)
    world = World.drawn(Shape(covered=count, first=count, dim=33), random)
    queries = [world.query(random) for _ in range(3)]
    world.sketches[::7] = queries[0].pattern[0]  # near copies of the first
    asked = random.integers(0, count, (3, 4))
    by_code, by_sketch, copies = needs.ranks(
        frozen(world.sketches),
        world.sketches[asked],
        frozen(np.stack([query.vector for query in queries])),
        np.stack([query.code_margins for query in queries]),
        world.rotation(),
    )
    assert by_code.dtype == by_sketch.dtype == np.dtype("int64")
    for place, query in enumerate(queries):
        codes = twins.differences(world.sketches, query.pattern, 2)
        wholes = twins.differences(world.sketches, query.pattern, 8)
        worst = max(codes[row] for row in asked[place])
        far_enough = [row for row in range(count) if codes[row] <= worst]
        assert copies[place] == sum(wholes[row] <= 32 for row in far_enough)
        for column, row in enumerate(asked[place].tolist()):
            assert by_code[place, column] == 1 + sum(code < codes[row] for code in codes)
            better = sum(wholes[other] < wholes[row] for other in far_enough)
            assert by_sketch[place, column] == 1 + better


def test_keeping_as_many_as_the_rank_keeps_the_row() -> None:
    """The ranks and the funnel's borders are two views of one thing."""
    random = np.random.default_rng(5)
    world = World.drawn(Shape(covered=200, first=200), random)
    query = world.query(random)
    asked = np.arange(200)
    by_code, _, _ = needs.ranks(
        frozen(world.sketches), world.sketches[asked][None],
        frozen(query.vector[None]), query.code_margins[None], world.rotation(),
    )  # fmt: skip
    everywhere = np.ones((1, 8), np.bool_)
    for row, rank in enumerate(by_code[0].tolist()):
        assert row in world.pass_codes(everywhere, query.pattern, rank)
        assert rank == 1 or row not in world.pass_codes(everywhere, query.pattern, rank - 1)
    assert len(set(by_code[0].tolist())) > 3


@pytest.mark.parametrize("cells", [False, True], ids=["signs", "cells"])
@pytest.mark.parametrize(
    ("tables", "bits", "count"), [(1, 1, 0), (1, 1, 5), (1, 6, 300), (3, 5, 200), (2, 20, 50)]
)
def test_visits_are_means_over_the_queries(tables: int, bits: int, count: int, cells: bool) -> None:
    random = np.random.default_rng(bits)
    shape = Shape(tables, bits, covered=count, first=count, alive=0.8, cells=cells)
    world = World.drawn(shape, random)
    queries = [world.query(random) for _ in range(3)]
    borders = np.stack([query.borders for query in queries])
    reaches = np.array([0, 1, 9.5, 40, np.inf], np.float32)
    paid = [world.costs(query) for query in queries]
    buckets, codes = needs.visits(world.tables(), borders, reaches)
    for place, reach in enumerate(reaches):
        within = [own <= reach for own in paid]
        assert buckets[place] == pytest.approx(np.mean([visited.sum() for visited in within]), rel=1e-12)
        met = [len(world.met(visited)) for visited in within]
        assert codes[place] == pytest.approx(np.mean(met), rel=1e-12)
    assert buckets[-1] == tables << bits
    assert codes[-1] == tables * world.filled.sum()


def test_sizes_are_those_that_the_twins_spell_out() -> None:
    assert (sizes.CODE_WORDS, sizes.SKETCH_WORDS) == (2, 8)
    assert (sizes.CODE_BITS, sizes.SKETCH_BITS, patterns.LEVELS) == (128, 512, 7)
