"""Cells and what they cost, against distances in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lookalike.kernels import cells
from lookalike.kernels.arrays import frozen
from twins import Floats

GUARD = 2**32 - 1
costs_with_ties = st.tuples(st.integers(1, 3), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.integers(0, 9))
)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e14])
@pytest.mark.parametrize(("queries", "count"), [(0, 3), (1, 1), (20, 7), (5, 500)])
def test_a_cell_costs_what_its_centre_is_farther_than_the_nearest(
    queries: int, count: int, scale: float
) -> None:
    random = np.random.default_rng(count)
    centres = (random.standard_normal((count, 128)) * scale).astype(np.float32)
    asked = (random.standard_normal((queries, 128)) * scale).astype(np.float32)
    products = asked @ centres.T
    cells.costs_from(products, frozen(np.einsum("ij,ij->i", centres, centres)))
    apart = ((asked[:, None].astype(np.float64) - centres) ** 2).sum(axis=2)
    expected = apart - apart.min(axis=1, initial=np.inf, keepdims=True)
    np.testing.assert_allclose(products, expected, atol=1e-4 * scale**2)
    assert (products >= 0).all()
    assert (products.min(axis=1, initial=np.inf) == 0).all() or not queries
    for query in range(queries):
        assert cells.own_cell(products[query]) == products[query].argmin()


@given(costs=costs_with_ties, reach=st.integers(-1, 10))
def test_all_cells_within_a_reach_are_listed(costs: Floats, reach: int) -> None:
    limit = np.float32(reach)
    assert cells.count_cells(costs, limit) == (costs <= reach).sum()
    for row in costs:
        expected = np.flatnonzero(row <= reach).tolist()
        keys = np.full(len(expected) + 2, GUARD, np.uint32)
        assert cells.cells_within(row, limit, keys[: len(expected)]) == len(expected)
        assert keys.tolist() == [*expected, GUARD, GUARD]


@given(costs=costs_with_ties, data=st.data())
def test_a_reach_for_probes_holds_the_cheapest(costs: Floats, data: st.DataObject) -> None:
    before, ordered = costs.copy(), np.sort(costs, axis=None)
    wanted = data.draw(st.integers(0, costs.size + 3))
    reach = cells.reach_for_cells(costs, wanted)
    assert reach == (ordered[max(wanted - 1, 0)] if wanted < costs.size else np.inf)
    np.testing.assert_array_equal(costs, before)


@pytest.mark.parametrize("scale", [1e-30, 1e-7, 1e30])
def test_a_reach_for_probes_is_one_of_the_costs(scale: float) -> None:
    costs = (np.random.default_rng(3).random((2, 150)) * scale).astype(np.float32)
    for wanted, cost in enumerate(np.sort(costs, axis=None)[:-1], start=1):
        assert cells.reach_for_cells(costs, wanted) == cost


def test_a_cost_that_is_no_number_is_within_every_reach() -> None:
    """So a forged file cannot make a search widen its reach for ever."""
    costs = np.array([[np.nan, 1, 3]], np.float32)
    keys = np.empty(3, np.uint32)
    assert cells.count_cells(costs, np.float32(2)) == 2
    assert keys[: cells.cells_within(costs[0], np.float32(2), keys)].tolist() == [0, 1]
    assert cells.count_cells(costs, np.float32(np.nan)) == 3
