"""The order of probes, against the sorted list of all buckets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.kernels.probes import best_first

Margins = NDArray[np.float32]


def costs_twin(margins: Margins) -> dict[tuple[int, int], float]:
    """What each (table, key) costs: the squares of the margins on whose other side it lies, summed."""
    costs = {}
    for table, row in enumerate(margins.tolist()):
        for signs in itertools.product((False, True), repeat=len(row)):
            key = sum(2**bit for bit, sign in enumerate(signs) if sign)
            costs[table, key] = sum(
                margin**2 for margin, sign in zip(row, signs, strict=True) if sign != (margin > 0)
            )
    return costs


def some_margins(tables: int, bits: int, seed: int) -> Margins:
    return np.random.default_rng(seed).standard_normal((tables, bits)).astype(np.float32)


TIED = np.array([[1, -1, 1], [-1, 1, 1]], np.float32)
ZERO = np.zeros((2, 4), np.float32)
PARTLY_ZERO = np.array([[0, 2, -0.0, -3], [5, 0, 1, 0]], np.float32)
LARGE_AND_SMALL = np.array([[1e17, -1e-30, 3, -1e8]], np.float32)


SHAPES = ((1, 1), (5, 1), (1, 8), (4, 6), (64, 2))


@pytest.mark.parametrize(
    "margins",
    [*(some_margins(*shape, seed=0) for shape in SHAPES), TIED, ZERO, PARTLY_ZERO, LARGE_AND_SMALL],
    ids=[*map(str, SHAPES), "tied", "zero", "partly zero", "large and small"],
)
def test_buckets_come_in_order_of_cost(margins: Margins) -> None:
    costs = costs_twin(margins)
    ordered = sorted(costs.values())
    for count in (1, 2, len(margins), 7, len(costs) - 1, len(costs), len(costs) + 5):
        tables, keys = best_first(margins, count)
        assert (tables.dtype, keys.dtype) == (np.dtype("int32"), np.dtype("uint32"))
        visited = list(zip(tables.tolist(), keys.tolist(), strict=True))
        assert len(visited) == min(count, len(costs))
        assert len(set(visited)) == len(visited)
        paid = [costs[bucket] for bucket in visited]
        np.testing.assert_allclose(paid, ordered[: len(visited)], rtol=1e-6)


def test_every_table_first_gives_the_querys_own_bucket() -> None:
    margins = some_margins(6, 7, seed=3)
    tables, keys = best_first(margins, 6)
    own = [sum(2**bit for bit, margin in enumerate(row) if margin > 0) for row in margins.tolist()]
    assert dict(zip(tables.tolist(), keys.tolist(), strict=True)) == dict(enumerate(own))


def test_long_keys() -> None:
    """With 24 bits all buckets cannot be listed; the cheapest differ in few of the smallest margins."""
    margins = some_margins(2, 24, seed=4)
    tables, keys = best_first(margins, 500)
    assert len(set(zip(tables.tolist(), keys.tolist(), strict=True))) == 500
    small = np.sort(margins**2, axis=1)[:, :12]
    subsets = [sum(chosen) for row in small.tolist() for chosen in _subsets(row)]
    own = [sum(2**bit for bit, margin in enumerate(row) if margin > 0) for row in margins.tolist()]
    paid = [
        sum(margins[table, bit] ** 2 for bit in range(24) if (key ^ own[table]) >> bit & 1)
        for table, key in zip(tables.tolist(), keys.tolist(), strict=True)
    ]
    np.testing.assert_allclose(paid, sorted(subsets)[:500], rtol=1e-5, atol=1e-12)


def _subsets(values: list[float]) -> list[tuple[float, ...]]:
    return [chosen for size in range(len(values) + 1) for chosen in itertools.combinations(values, size)]
