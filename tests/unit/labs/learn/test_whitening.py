from __future__ import annotations

import numpy as np

from lookalike.labs.learn.whitening import SHRINKAGE, fit_whitening


def _features() -> np.ndarray:
    random = np.random.default_rng(2)
    return (random.standard_normal((4000, 24)) @ random.standard_normal((24, 24)) + 1).astype(np.float32)


def test_it_makes_all_directions_vary_alike() -> None:
    features = _features()
    head = fit_whitening(features, 24)
    whitened = (features.astype(np.float64) - head.centre) @ head.matrix
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-4)
    variances = np.linalg.eigvalsh(np.cov(features.astype(np.float64).T))[::-1]
    expected = variances / (variances + SHRINKAGE * variances.mean())
    np.testing.assert_allclose(np.cov(whitened.T), np.diag(expected), atol=1e-3)
    assert expected[:12].min() > 0.99


def test_a_power_goes_part_of_the_way_and_few_directions_are_the_strongest() -> None:
    features = _features()
    variances = np.linalg.eigvalsh(np.cov(features.astype(np.float64).T))[::-1]
    for power in (0.0, 0.5):
        head = fit_whitening(features, 6, power)
        assert head.matrix.shape == (24, 6)
        spread = ((features.astype(np.float64) - head.centre) @ head.matrix).var(axis=0)
        np.testing.assert_allclose(spread, variances[:6] ** (1 - power), rtol=5e-3)


def test_directions_without_variance_are_not_blown_up() -> None:
    features = np.zeros((100, 8), np.float32)
    features[:, 0] = np.linspace(-1, 1, 100)
    head = fit_whitening(features, 8)
    assert np.isfinite(head.matrix).all()
    assert np.abs(head.matrix).max() < 200


def test_unit_length() -> None:
    vectors = fit_whitening(_features(), 8).unit(_features())
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    assert vectors.dtype == np.float32
