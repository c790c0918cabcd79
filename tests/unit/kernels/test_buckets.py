"""Keys and the counting sort, against lists."""

from __future__ import annotations

import numpy as np
import pytest

import twins
from lookalike.kernels import buckets


@pytest.mark.parametrize("bits", [1, 5, 20, 24])
@pytest.mark.parametrize(("count", "tables"), [(0, 2), (1, 1), (150, 3)])
def test_keys_hold_the_signs(count: int, tables: int, bits: int) -> None:
    random = np.random.default_rng(bits)
    margins = random.standard_normal((count, tables, bits)).astype(np.float32)
    odd = random.random(margins.shape) < 0.4
    margins[odd] = random.choice(np.array([0, -0.0, 1e-45, -1e-45], np.float32), odd.sum())
    keys = buckets.keys_of(margins, 2**bits)
    assert keys.dtype == np.dtype("uint32")
    assert keys.shape == (tables, count)
    np.testing.assert_array_equal(keys, twins.keys(margins).T)


@pytest.mark.parametrize(("count", "tables", "cells"), [(0, 1, 3), (1, 1, 1), (150, 1, 37), (40, 2, 5)])
def test_keys_are_the_cheapest_cells(count: int, tables: int, cells: int) -> None:
    costs = np.random.default_rng(cells).integers(0, 9, (count, tables, cells)).astype(np.float32)
    keys = buckets.keys_of(costs, cells)
    assert keys.dtype == np.dtype("uint32")
    np.testing.assert_array_equal(keys, costs.argmin(axis=2).T)


@pytest.mark.parametrize("alive", [1.0, 0.6, 0.0], ids=["all alive", "some dead", "all dead"])
@pytest.mark.parametrize(
    ("tables", "count", "bits"),
    [(1, 0, 1), (2, 0, 3), (1, 1, 3), (3, 200, 4), (2, 50, 10), (4, 9, 1), (2, 30, 20)],
)
def test_each_bucket_is_a_run_of_its_living_rows(tables: int, count: int, bits: int, alive: float) -> None:
    random = np.random.default_rng(count)
    keys = random.integers(0, 2**bits, (tables, count), dtype=np.uint32)
    if count > 10:
        keys[0, :10] = 2**bits - 1
        keys[-1] = np.minimum(keys[-1], 1)  # most buckets stay empty
    sketches = random.integers(0, 2**64, (count, 8), dtype=np.uint64)
    living = random.random(count) < alive
    sorted_here = sketches.copy()
    built = buckets.build(keys, sorted_here, living, 2**bits)
    rows = np.flatnonzero(living)
    if living.all() and count:
        assert np.shares_memory(built.sketches, sorted_here)  # no second copy of what is largest
    for array in (built.codes, built.sketches if not living.all() else built.codes):
        assert array.size == 0 or array.ctypes.data % 64 == 0
    assert [array.dtype.name for array in built] == ["int64", "uint8", "int32", "int32", "uint64"]
    assert built.starts.shape == (tables, 2**bits + 1)
    assert built.codes.shape == (tables, 16 * len(rows) + 32)
    assert built.slots.shape == (tables - 1, len(rows))
    for table in range(tables):
        slots = np.arange(len(rows)) if table == 0 else built.slots[table - 1]
        in_order = built.rows[slots]
        # Python's sort keeps equal keys in the order of their rows, as a counting sort does.
        assert in_order.tolist() == sorted(rows.tolist(), key=lambda row: keys[table, row])
        sizes = np.bincount(keys[table, rows], minlength=2**bits)
        np.testing.assert_array_equal(built.starts[table], [0, *np.cumsum(sizes)])
        np.testing.assert_array_equal(
            twins.codes(built.codes[table], built.starts[table]), sketches[in_order, :2]
        )
        assert not built.codes[table, -32:].any()
    np.testing.assert_array_equal(built.sketches, sketches[built.rows])
