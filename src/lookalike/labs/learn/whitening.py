"""A linear head that makes every direction of an embedding count the same.

Pooled features of a classifier vary a lot in the few directions that part its classes and hardly in the many
that part two pictures of one class. Centring and whitening evens that out (Jégou and Chum, "Negative
evidences and co-occurrences in image retrieval: the benefit of PCA and whitening", ECCV 2012). It uses no
labels, and here it finds more copies than any other change that needs no training.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHRINKAGE = 1e-3  # of the mean variance, added to every variance so that noise is not blown up


class Whitening(NamedTuple):
    """``(features - centre) @ matrix`` has equal, or more equal, variance in all directions.

    Attributes:
        centre: (dim,) float32.
        matrix: (dim, kept) float32.
    """

    centre: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def unit(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Whitened and of unit length: (n, dim) to (n, kept), float32."""
        vectors = (features - self.centre) @ self.matrix
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def fit_whitening(features: NDArray[np.float32], kept: int, power: float = 1.0) -> Whitening:
    """Fit the head on features of pictures that no test uses.

    Args:
        features: (n, dim) float32, n well above dim.
        kept: directions of most variance that are kept, at most dim.
        power: 1 makes the variances equal, 0 leaves them, between is between.
    """
    centre = features.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(np.cov((features - centre).T))
    variances, directions = variances[::-1][:kept], directions[:, ::-1][:, :kept]
    scaled = directions / (variances + SHRINKAGE * variances.mean()) ** (power / 2)
    return Whitening(centre.astype(np.float32), scaled.astype(np.float32))
