"""Which buckets are within a reach, against the costs of all of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import twins
from lookalike.kernels import probes
from lookalike.kernels.probes import Subsets
from twins import Floats

# Whole numbers: their squares add up exactly in any order, and many sums are equal.
margins_with_ties = st.tuples(st.integers(1, 4), st.integers(1, 8)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.integers(-6, 6))
)
GUARD = 2**32 - 1


def halves(margins: Floats) -> tuple[Subsets, Subsets]:
    tables, bits = margins.shape
    lower, upper = probes.room_for(tables, bits // 2), probes.room_for(tables, bits - bits // 2)
    probes.fill_subsets(margins, 0, bits // 2, lower)
    probes.fill_subsets(margins, bits // 2, bits, upper)
    return lower, upper


def of_table(half: Subsets, table: int) -> Subsets:
    return Subsets(half.costs[table : table + 1], half.flips[table : table + 1], half.size)


def visited(margins: Floats, reach: float) -> list[set[int]]:
    """The keys that the kernels find for each table, in an array with room for no more than they count."""
    limit = np.float32(reach)
    lower, upper = halves(margins)
    found = []
    for table in range(len(margins)):
        own = np.uint64(probes.own_key(margins[table]))
        room = probes.count_within(of_table(lower, table), of_table(upper, table), limit)
        keys = np.full(room + 4, GUARD, np.uint32)
        count = probes.keys_within(own, lower, upper, table, limit, keys[:room])
        assert count == room
        assert keys[count:].tolist() == [GUARD] * 4
        found.append(set(keys[:count].tolist()))
        assert len(found[-1]) == count  # none twice
    assert probes.count_within(lower, upper, limit) == sum(map(len, found))
    return found


def visited_twin(margins: Floats, reach: float) -> list[set[int]]:
    return [set(np.flatnonzero(row <= reach).tolist()) for row in twins.costs(margins)]


@given(margins=margins_with_ties, reach=st.integers(-1, 300))
def test_all_buckets_within_a_reach_are_visited(margins: Floats, reach: int) -> None:
    assert visited(margins, reach) == visited_twin(margins, reach)


@given(margins=margins_with_ties, data=st.data())
def test_a_reach_for_probes_holds_the_cheapest(margins: Floats, data: st.DataObject) -> None:
    ordered = np.sort(twins.costs(margins), axis=None)
    wanted = data.draw(st.integers(1, len(ordered) - 1))
    reach = float(probes.reach_for(*halves(margins), wanted))
    last = ordered[wanted - 1]
    assert visited(margins, reach) == visited_twin(margins, last)


@pytest.mark.parametrize(("tables", "bits"), [(1, 1), (5, 1), (1, 8), (4, 6), (64, 2), (3, 11)])
def test_margins_without_ties_give_as_many_buckets_as_are_asked_for(tables: int, bits: int) -> None:
    margins = np.random.default_rng(bits).standard_normal((tables, bits)).astype(np.float32)
    costs = twins.costs(margins)
    ordered = np.sort(costs, axis=None)
    subsets = halves(margins)
    # The first buckets, one a table, cost nothing: they are tied.
    for wanted in {tables, tables + 1, tables + 7, len(ordered) // 2, len(ordered) - 1}:
        if tables <= wanted < len(ordered):
            reach = float(probes.reach_for(*subsets, wanted))
            found = visited(margins, reach)
            assert sum(map(len, found)) == wanted
            paid = sorted(costs[table, key] for table, keys in enumerate(found) for key in keys)
            np.testing.assert_allclose(paid, ordered[:wanted], rtol=1e-6)


@pytest.mark.parametrize("tables", [1, 2])
def test_twenty_bits(tables: int) -> None:
    margins = np.random.default_rng(tables).integers(-900, 901, (tables, 20)).astype(np.float32)
    costs = twins.costs(margins)
    for wanted in (1, 1000, 30_000):
        reach = float(probes.reach_for(*halves(margins), wanted))
        assert visited(margins, reach) == visited_twin(
            margins, np.partition(costs, wanted - 1, None)[wanted - 1]
        )


@given(margins=margins_with_ties, more=st.integers(0, 10))
def test_all_buckets_lie_within_an_infinite_reach(margins: Floats, more: int) -> None:
    tables, bits = margins.shape
    assert probes.reach_for(*halves(margins), (tables << bits) + more) == np.inf
    assert visited(margins, np.inf) == [set(range(2**bits))] * tables


@pytest.mark.parametrize(
    "margins",
    [
        np.zeros((2, 4), np.float32),
        np.array([[0, 2, -0.0, -3], [5, 0, 1, 0]], np.float32),
        np.array([[1e15, -1e-30, 3, -1e8]], np.float32),
        np.full((3, 6), 2e16, np.float32),
        np.full((3, 6), -1e-20, np.float32),
    ],
    ids=["zeros", "some zeros", "large and small", "huge", "tiny"],
)
def test_margins_of_all_sizes(margins: Floats) -> None:
    subsets = halves(margins)
    with np.errstate(under="ignore"):
        squares = margins * margins  # what float32 makes of them: the smallest vanish
    costs = twins.costs(np.copysign(np.sqrt(squares), margins))
    ordered = np.sort(costs, axis=None)
    for wanted in (1, 2, 4, 7, 15, len(ordered)):
        reach = float(probes.reach_for(*subsets, wanted))
        paid = [costs[table, key] for table, keys in enumerate(visited(margins, reach)) for key in keys]
        assert len(paid) >= wanted
        assert max(paid) <= ordered[wanted - 1] * (1 + 1e-6)


def test_the_nearest_bucket_of_each_table_is_the_querys_own() -> None:
    margins = np.random.default_rng(3).standard_normal((6, 7)).astype(np.float32)
    own = [{int(key)} for key in twins.keys(margins)]
    assert visited(margins, 0) == own
    assert visited(margins, float(probes.reach_for(*halves(margins), 1))) == own


@pytest.mark.parametrize("bits", [1, 5, 20, 24])
def test_a_key_holds_the_signs(bits: int) -> None:
    random = np.random.default_rng(bits)
    for _ in range(20):
        margins = random.choice(np.array([-1, -0.0, 0, 1e-45, 2], np.float32), bits)
        assert probes.own_key(margins) == twins.keys(margins)


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (0, 3), (3, 7), (6, 7)])
def test_subsets_are_all_there_in_order_of_cost(start: int, stop: int) -> None:
    margins = np.random.default_rng(stop).integers(-4, 5, (3, 7)).astype(np.float32)
    subsets = probes.room_for(3, stop - start)
    probes.fill_subsets(margins, start, stop, subsets)
    every = [
        chosen
        for size in range(stop - start + 1)
        for chosen in itertools.combinations(range(start, stop), size)
    ]
    assert subsets.size == len(every)
    for table in range(3):
        found = zip(
            subsets.flips[table, : subsets.size].tolist(),
            subsets.costs[table, : subsets.size].tolist(),
            strict=True,
        )
        expected = {
            sum(2**bit for bit in chosen): sum(float(margins[table, bit]) ** 2 for bit in chosen)
            for chosen in every
        }
        pairs = list(found)
        assert dict(pairs) == expected
        assert [cost for _, cost in pairs] == sorted(expected.values())
