"""Median and percentile against numpy's own."""

from __future__ import annotations

import numpy as np
import pytest

from fresh import run_fresh
from lookalike.kernels.quantiles import median, percentile

COUNTS = [1, 2, 3, 4, 5, 20, 21, 301, 1000, 2323]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_the_median_is_numpys(count: int, dtype: type) -> None:
    values = (np.random.default_rng(count).random(count) * 255).astype(dtype)
    assert median(values) == float(np.median(values))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_percentiles_are_numpys(count: int, dtype: type) -> None:
    values = (np.random.default_rng(count).random(count) * 255).astype(dtype)
    for percent in (0, 3, 5, 50, 62.5, 90, 99, 100):
        # Older versions of numpy compute the place in float32, which moves the last bit.
        assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)), rel=1e-6)


def test_any_shape() -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::-1]
    assert median(values) == percentile(values, 50) == 11.5


def test_no_masked_arrays_are_imported() -> None:
    code = """
import sys, numpy as np
from lookalike.kernels.quantiles import median, percentile
median(np.arange(4.0)), percentile(np.arange(4.0), 5)
print("numpy.ma" in sys.modules)
"""
    done = run_fresh(code)
    assert (done.stdout, done.stderr) == ("False\n", "")
