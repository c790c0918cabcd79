"""Queries that are unlike the rows of an index, made of some of its rows in ten ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

_NOISY = (0.5, 1.0, 2.0)  # lengths of noise, as shares of a row's length
_KEPT = 0.25  # of the components, if the others are set to 0

_Floats = NDArray[np.float64]


def unlike(rows: Vectors, each: int, random: np.random.Generator) -> Vectors:
    """Make queries: rows with noise, mixtures and sums of two, and vectors of the same length or spread.

    Args:
        rows: (n, dim) float32, n >= 1.
        each: how many of each of the ten kinds.
        random: draws them.

    Returns:
        (10 * each, dim) float32, kind after kind.
    """
    centre = rows.mean(axis=0, dtype=np.float64)

    def some() -> _Floats:
        return rows[random.integers(0, len(rows), each)].astype(np.float64)

    def noise(of: _Floats) -> _Floats:
        drawn = random.standard_normal(of.shape) / np.sqrt(of.shape[1])
        return np.asarray(drawn * np.linalg.norm(of, axis=1, keepdims=True))

    kinds: list[Callable[[_Floats], _Floats]] = [
        *(lambda of, share=share: of + share * noise(of) for share in _NOISY),
        lambda of: 0.7 * of + 0.3 * some(),
        lambda of: (of + some()) / np.sqrt(2),
        lambda of: random.permuted(of, axis=1),
        noise,
        lambda _: centre + random.standard_normal((each, len(rows))) @ (rows - centre) / np.sqrt(len(rows)),
        lambda of: 2 * centre - of,
        lambda of: np.where(random.random(of.shape) < _KEPT, of, 0),
    ]
    return np.concatenate([kind(some()) for kind in kinds]).astype(np.float32)
