"""float16 rows as float32, against numpy's own conversion."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.kernels import singles as module
from lookalike.kernels.singles import singles


@pytest.mark.parametrize("at_once", [1, 1000, 1 << 17])
def test_every_finite_number_is_turned_without_rounding(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    rows = halves[np.isfinite(halves)].reshape(-1, 496)
    rows.setflags(write=False)
    wide = singles(rows)
    assert (wide.dtype, wide.shape) == (np.float32, rows.shape)
    np.testing.assert_array_equal(wide.view(np.uint32), rows.astype(np.float32).view(np.uint32))
    np.testing.assert_array_equal(singles(rows[::2]), rows[::2].astype(np.float32))
    assert singles(rows[:0]).shape == (0, 496)


def test_rows_of_float32_are_not_copied() -> None:
    rows = np.ones((3, 4), np.float32)
    assert np.shares_memory(singles(rows), rows)
