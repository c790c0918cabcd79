"""What buckets cost, of both kinds, against the costs of all of them."""

from __future__ import annotations

import numpy as np
import pytest

import twins
from lookalike.kernels import costs
from twins import Floats

CASES = [(1, 1), (3, 5), (2, 8)]


def both_kinds(tables: int, bits: int) -> list[tuple[Floats, Floats]]:
    """Borders and the costs of all buckets: if keys are signs, and if buckets are cells."""
    random = np.random.default_rng(bits)
    margins = random.integers(-5, 6, (tables, bits)).astype(np.float32)
    cells = random.integers(0, 40, (tables, 2**bits)).astype(np.float32)
    return [(margins, twins.costs(margins).astype(np.float32)), (cells, cells)]


@pytest.mark.parametrize(("tables", "bits"), CASES)
def test_each_bucket_costs_what_it_should(tables: int, bits: int) -> None:
    for borders, paid in both_kinds(tables, bits):
        for table in range(tables):
            found = [costs.cost_of(borders[table], 2**bits, np.uint32(key)) for key in range(2**bits)]
            assert found == paid[table].tolist()
            assert paid[table, costs.own_key(borders[table], 2**bits)] == paid[table].min()


@pytest.mark.parametrize(("tables", "bits"), CASES)
def test_buckets_are_counted_listed_and_found_by_number(tables: int, bits: int) -> None:
    for borders, paid in both_kinds(tables, bits):
        known = costs.costs_of(borders, 2**bits, *costs.room_for(borders[None], 2**bits))
        ordered, keys = np.sort(paid, axis=None), np.empty(2**bits, np.uint32)
        for wanted in (1, 2, tables * 2**bits - 1):
            limit = np.float32(costs.reach_for(known, wanted))
            within = paid <= ordered[wanted - 1]
            assert costs.count_within(known, limit) == within.sum() >= wanted
            for table in range(tables):
                listed = keys[: costs.keys_within(known, table, limit, keys)]
                assert sorted(listed.tolist()) == np.flatnonzero(within[table]).tolist()
        assert costs.reach_for(known, tables * 2**bits) == np.inf
