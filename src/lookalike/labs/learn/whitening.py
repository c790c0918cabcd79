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
    """``(features - centre) @ matrix`` has equal variance in all directions.

    Attributes:
        centre: (dim,) float32.
        matrix: (dim, dim) float32.
    """

    centre: NDArray[np.float32]
    matrix: NDArray[np.float32]


def fit_whitening(features: NDArray[np.float32]) -> Whitening:
    """Fit the head on features of pictures that no test uses.

    Args:
        features: (n, dim) float32, n well above dim.
    """
    centre = features.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(np.cov((features - centre).T))
    variances, directions = variances[::-1], directions[:, ::-1]
    scaled = directions / np.sqrt(variances + SHRINKAGE * variances.mean())
    return Whitening(centre.astype(np.float32), scaled.astype(np.float32))
