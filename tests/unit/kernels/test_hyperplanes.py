"""Normals: unit length, right angles, the law of the hash, and independence of libraries."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lookalike.kernels import hyperplanes
from lookalike.kernels.arrays import Vectors

Draw = Callable[[int, int, np.random.Generator], Vectors]


@pytest.mark.parametrize(("dim", "count"), [(1, 3), (5, 5), (16, 4), (16, 40)])
def test_normals_have_length_one(dim: int, count: int) -> None:
    for draw in (hyperplanes.gaussian, hyperplanes.orthogonal):
        normals = draw(dim, count, np.random.default_rng(0))
        assert normals.shape == (count, dim)
        assert normals.dtype == np.dtype("float32")
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
        np.testing.assert_array_equal(normals, draw(dim, count, np.random.default_rng(0)))
        if dim > 1:
            assert not np.array_equal(normals, draw(dim, count, np.random.default_rng(1)))


def test_orthogonal_within_each_run_of_dim() -> None:
    normals = hyperplanes.orthogonal(16, 40, np.random.default_rng(0)).astype(np.float64)
    for start in (0, 16, 32):
        run = normals[start : start + 16]
        np.testing.assert_allclose(run @ run.T, np.eye(len(run)), atol=1e-6)
    assert np.abs(normals[:16] @ normals[16:32].T).max() > 0.3


@pytest.mark.parametrize("degrees", [10, 60, 90, 150])
@pytest.mark.parametrize(
    "draw", [hyperplanes.gaussian, hyperplanes.orthogonal], ids=["gaussian", "orthogonal"]
)
def test_signs_differ_in_proportion_to_the_angle(draw: Draw, degrees: int) -> None:
    """Charikar's law. Of 6,000 bits a share p differs with a standard deviation of at most 0.0065."""
    dim, angle = 20, math.radians(degrees)
    a, b = np.zeros(dim), np.zeros(dim)
    a[3], b[3], b[7] = 1, math.cos(angle), math.sin(angle)
    normals = draw(dim, 6000, np.random.default_rng(4))
    differ = ((normals @ a > 0) != (normals @ b > 0)).mean()
    assert differ == pytest.approx(degrees / 180, abs=0.03)


def test_principal_directions_are_those_of_pca() -> None:
    random = np.random.default_rng(5)
    spread = random.standard_normal((400, 12)) * np.linspace(5, 0.5, 12)
    turned = spread @ np.linalg.qr(random.standard_normal((12, 12)))[0]
    vectors = (turned - turned.mean(axis=0)).astype(np.float32)
    found = hyperplanes.principal_directions(vectors, 5)
    assert found.shape == (5, 12)
    assert found.dtype == np.dtype("float32")
    np.testing.assert_allclose(np.abs(found @ PCA(5).fit(vectors).components_.T), np.eye(5), atol=1e-3)


@pytest.mark.parametrize("vectors", [np.zeros((3, 4)), np.ones((1, 4))])
def test_principal_directions_of_nothing_are_still_orthonormal(
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    found = hyperplanes.principal_directions(vectors.astype(np.float32), 4)
    np.testing.assert_allclose(found @ found.T, np.eye(4), atol=1e-6)


def keyed_by_hand(dim: int, count: int, seed: int) -> list[list[float]]:
    """Gram-Schmidt, number by number, over the bits of SHAKE-256, the highest bit of a byte first."""
    stream = hashlib.shake_256(f"lookalike hyperplanes {seed}".encode()).digest(dim * count)
    bits = [byte >> place & 1 for byte in stream for place in range(7, -1, -1)]
    done: list[list[float]] = []
    for row in range(count):
        normal = [2.0 * bit - 1 for bit in bits[row * dim : (row + 1) * dim]]
        for other in done:
            along = math.fsum(x * y for x, y in zip(normal, other, strict=True))
            normal = [x - along * y for x, y in zip(normal, other, strict=True)]
        length = math.hypot(*normal)
        done.append([x / length for x in normal])
    return done


@pytest.mark.parametrize(
    ("dim", "count", "seed"), [(64, 8, 0), (30, 13, 12345), (512, 64, 2**80), (40, 3, -1)]
)
def test_keyed_normals_follow_from_the_seed_alone(dim: int, count: int, seed: int) -> None:
    normals = hyperplanes.keyed(dim, count, seed)
    assert normals.dtype == np.dtype("float32")
    np.testing.assert_allclose(normals, keyed_by_hand(dim, count, seed), atol=1e-6)


def test_another_seed_gives_unrelated_normals() -> None:
    one, other = hyperplanes.keyed(512, 64, 0), hyperplanes.keyed(512, 64, 1)
    assert np.abs(one @ other.T).max() < 0.25
