"""Queries unlike the rows: each kind is what it says."""

from __future__ import annotations

import numpy as np

from lookalike.index.unlike import unlike

DIM, EACH = 400, 60
SPREAD = np.geomspace(2, 0.1, DIM)
ROWS = (np.random.default_rng(0).standard_normal((50, DIM)) * SPREAD + 0.5).astype(np.float32)


def test_ten_kinds() -> None:
    made = unlike(ROWS, EACH, np.random.default_rng(1))
    assert (made.shape, made.dtype) == ((10 * EACH, DIM), np.float32)
    near, noisy, far, mixed, summed, permuted, noise, spread, reflected, cut = made.reshape(10, EACH, DIM)
    length = np.linalg.norm(ROWS, axis=1).mean()

    def apart(some: np.ndarray) -> np.ndarray:
        """How far each is from the nearest row, in lengths of a row."""
        return np.linalg.norm(some[:, None] - ROWS[None], axis=2).min(axis=1) / length

    for share, some in ((0.5, near), (1.0, noisy)):
        assert abs(apart(some).mean() - share) < 0.08
    assert apart(far).min() > 1.2
    np.testing.assert_allclose(np.linalg.norm(noise, axis=1).mean(), length, rtol=0.05)
    assert (np.sort(permuted[0]) == np.sort(ROWS, axis=1)).all(axis=1).any()
    centre = ROWS.mean(axis=0)
    assert (np.isclose(2 * centre - reflected[0], ROWS, atol=1e-4).all(axis=1)).any()
    kept = (cut != 0).mean(axis=1)
    assert 0.15 < kept.min() < kept.max() < 0.35
    assert np.isin(cut[0][cut[0] != 0], ROWS).all()
    basis, _ = np.linalg.qr(ROWS.T)
    for some in (mixed, summed, spread):  # made of rows, and of nothing else
        np.testing.assert_allclose(some @ basis @ basis.T, some, atol=1e-3)
    np.testing.assert_allclose(spread.mean(axis=0)[:5], centre[:5], atol=1.2)
    np.testing.assert_allclose(spread[:, :20].std(), ROWS[:, :20].std(), rtol=0.15)


def test_one_row_is_enough() -> None:
    assert np.isfinite(unlike(ROWS[:1], 2, np.random.default_rng(0))).all()
