"""What numpy does for a batch, done for one query: against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.kernels.alone import _make_ready, _measure


@settings(deadline=None, max_examples=50)
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
    normals = random.standard_normal((planes, dim)).astype(np.float32)
    margins = np.empty(planes, np.float32)
    _measure(query, centre, normals, margins)
    expected = normals.astype(np.float64) @ (query.astype(np.float64) - centre)
    np.testing.assert_allclose(margins, expected, atol=1e-5 * dim)
