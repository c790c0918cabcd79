"""What numpy does for a batch, done for one query: against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.kernels.alone import _make_ready, _measure, _multiply
from lookalike.kernels.arrays import frozen, shortened
from lookalike.kernels.products import blocks_of


@settings(max_examples=50)
@given(
    dim=st.sampled_from([1, 2, 9, 512]),
    scale=st.sampled_from([1e-30, 1e-3, 1.0, 1e14]),
    unit=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_a_query_is_scaled_if_it_should_have_length_1(dim: int, scale: float, unit: bool, seed: int) -> None:
    query = (np.random.default_rng(seed).standard_normal(dim) * scale).astype(np.float32)
    ready = query.copy()
    assert _make_ready(ready, unit)
    length = np.linalg.norm(query.astype(np.float64)) if unit else 1.0
    np.testing.assert_array_equal(ready, (query.astype(np.float64) / length).astype(np.float32))


def test_zeros_stay_zeros() -> None:
    query = np.zeros(7, np.float32)
    assert _make_ready(query, True)
    assert not query.any()


@pytest.mark.parametrize("place", [0, 3, 8])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1.1e15, -1.1e15])
def test_what_is_not_finite_or_too_large_is_refused(value: float, place: int) -> None:
    query = np.ones(9, np.float32)
    query[place] = value
    for unit in (False, True):
        assert not _make_ready(query.copy(), unit)


@pytest.mark.parametrize(("dim", "planes"), [(1, 129), (33, 140), (512, 139)])
def test_margins_are_signed_distances(dim: int, planes: int) -> None:
    random = np.random.default_rng(dim)
    query, centre = random.standard_normal((2, dim)).astype(np.float32)
    normals = shortened(random.standard_normal((planes, dim)).astype(np.float32))
    blocks = blocks_of(normals)
    assert blocks is not None
    margins = np.full(192, np.nan, np.float32)
    _measure(query, frozen(centre), blocks, margins)
    expected = normals.astype(np.float64) @ (query.astype(np.float64) - centre)
    np.testing.assert_allclose(margins[:planes], expected, atol=1e-5 * dim)
    assert not margins[planes:].any()


@pytest.mark.parametrize(("columns", "length"), [(0, 128), (1, 1), (63, 5), (64, 5), (65, 5), (281, 128)])
def test_products_of_columns_of_short_numbers(columns: int, length: int) -> None:
    random = np.random.default_rng(columns)
    vector = random.standard_normal(length).astype(np.float32)
    drawn = shortened(random.standard_normal((columns, length)).astype(np.float32))
    blocks = blocks_of(drawn)
    assert blocks is not None
    products = np.full(64 * len(blocks) + 1, 7, np.float32)
    _multiply(vector, blocks, products)
    np.testing.assert_allclose(products[:columns], drawn.astype(np.float64) @ vector, atol=1e-4)
    assert not products[columns:-1].any()
    assert products[-1] == 7


def test_numbers_that_are_not_short_have_no_blocks() -> None:
    columns = np.ones((3, 4), np.float32)
    assert blocks_of(columns) is not None
    columns[2, 3] = 0.1
    assert blocks_of(columns) is None
