"""float16 rows in compiled functions, against numpy, which knows the type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking, distance
from lookalike.kernels.halves import distance_of, widen
from lookalike.kernels.metrics import METRICS


@njit
def measured(ranking: Ranking, query: Any, vectors: Any, halves: Any, row: int) -> Any:
    """By the row of ``vectors``, by ``distance_of``, and by that of ``halves`` alone."""
    wide = np.empty((1, len(query)), np.float32)
    return (
        distance(ranking, query, vectors, row),
        distance_of(ranking, query, vectors, halves[:0], row, wide),
        distance_of(ranking, query, vectors[:0], halves, row, wide),
    )


def test_every_finite_number_is_widened_without_rounding() -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    halves = bits.view(np.float16)[np.isfinite(bits.view(np.float16))]
    rows = np.stack([halves[::-1], halves])
    wide = np.empty((1, len(halves)), np.float32)
    widen(frozen(rows.view(np.uint16)), 1, wide)
    np.testing.assert_array_equal(wide[0].view(np.uint32), halves.astype(np.float32).view(np.uint32))


@pytest.mark.parametrize("dim", [1, 7, 512])
@pytest.mark.parametrize("code", range(len(METRICS)), ids=METRICS)
def test_rows_of_both_types_are_measured_alike(code: int, dim: int) -> None:
    random = np.random.default_rng(dim)
    rows: NDArray[np.float16] = random.standard_normal((5, dim)).astype(np.float16)
    singles, query = rows.astype(np.float32), random.standard_normal(dim).astype(np.float32)
    both = frozen(singles), frozen(rows.view(np.uint16))
    for row in range(len(rows)):
        far, single, halved = measured(Ranking(code, 3.0), frozen(query), *both, row)
        assert single == far
        assert halved == pytest.approx(far, rel=1e-12, abs=1e-15)
