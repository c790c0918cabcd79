"""Random hyperplanes through the origin, given by their unit normals.

A vector's sign against a random hyperplane is the locality-sensitive hash for angles of Charikar,
"Similarity estimation techniques from rounding algorithms" (STOC 2002): two vectors at angle a differ in
each bit with probability a / pi. Normals that are orthogonal to each other estimate the angle with a smaller
variance (Ji et al., "Super-bit locality-sensitive hashing", NIPS 2012).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors


def gaussian(dim: int, count: int, random: np.random.Generator) -> Vectors:
    """Draw independent hyperplanes, uniformly distributed over all directions, as the textbooks have it.

    Args:
        dim: length of a normal.
        count: how many hyperplanes.
        random: draws them.

    Returns:
        (count, dim) float32 unit rows.
    """
    normals = random.standard_normal((count, dim))
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True), np.float32)


def orthogonal(dim: int, count: int, random: np.random.Generator) -> Vectors:
    """Draw random hyperplanes in runs of ``dim``; the hyperplanes of one run are orthogonal to each other.

    Args:
        dim: length of a normal.
        count: how many hyperplanes; any number, since there can be several runs.
        random: draws them.

    Returns:
        (count, dim) float32 unit rows.
    """
    blocks = [_orthonormal(random.standard_normal((dim, dim))) for _ in range(math.ceil(count / dim))]
    return np.concatenate([np.empty((0, dim)), *blocks])[:count].astype(np.float32)


def principal_directions(vectors: Vectors, count: int) -> Vectors:
    """Find the directions in which vectors vary most: eigenvectors of their covariance matrix.

    Args:
        vectors: (n, dim) float32, centred, n >= 1.
        count: how many directions, at most dim.

    Returns:
        (count, dim) float32 orthonormal rows, the strongest first.
    """
    covariance = (vectors.T @ vectors).astype(np.float64)
    _, directions = np.linalg.eigh(covariance)
    return np.ascontiguousarray(directions.T[::-1][:count], np.float32)


def keyed(dim: int, count: int, seed: int) -> Vectors:
    """Draw orthonormal hyperplanes that depend on the seed alone, not on a library's random numbers.

    The signs of a ±1 matrix are the bits of SHAKE-256 over the seed, so every machine and every future
    version draws the same matrix; random signs serve as well as Gaussians (Achlioptas, "Database-friendly
    random projections", JCSS 2003). Its rows are then made orthogonal, in float64.

    Args:
        dim: length of a vector.
        count: hyperplanes, at most ``dim``.
        seed: any whole number. It works as a key: without it nobody can tell the hyperplanes.

    Returns:
        (count, dim) float32 orthonormal rows.
    """
    stream = hashlib.shake_256(f"lookalike hyperplanes {seed}".encode()).digest(math.ceil(count * dim / 8))
    signs = np.unpackbits(np.frombuffer(stream, np.uint8))[: count * dim].reshape(count, dim)
    return _orthonormal(signs.astype(np.float64) * 2 - 1).astype(np.float32)


def _orthonormal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormalise rows (Gram-Schmidt); a positive diagonal of R makes the result unique."""
    q, r = np.linalg.qr(rows.T)
    return np.asarray((q * np.where(np.diagonal(r) < 0, -1.0, 1.0)).T)
