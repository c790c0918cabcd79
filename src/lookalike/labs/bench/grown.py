"""More rows than there are real ones, written to a file block by block.

A made row is a real one, drawn at random, plus noise whose covariance is that of the real rows: it goes where
the data goes, in its own principal directions, at ``NOISE`` times their spread. That keeps the data's shape,
but not all of its nature: many rows share a parent, so neighbourhoods grow denser than those of as many
real pictures would.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from lookalike.kernels.arrays import Vectors, unit_rows

NOISE = 0.4
_ROWS_AT_ONCE = 1 << 13


class Grown:
    """Makes rows from real ones."""

    def __init__(self, real: Vectors) -> None:
        """Learn how the real rows, (n, dim) float32 of length 1, are spread."""
        self._real = real
        variances, directions = np.linalg.eigh(np.cov(real, rowvar=False))
        spread = np.sqrt(variances.clip(min=0)).astype(np.float32)[:, None] * directions.T.astype(np.float32)
        self._spread = spread

    def made(self, count: int, seed: Sequence[int]) -> Vectors:
        """Make so many rows, (count, dim) float32 of length 1."""
        random = np.random.default_rng(seed)
        parents = self._real[random.integers(len(self._real), size=count)]
        noise = random.standard_normal(parents.shape, np.float32) @ self._spread
        return unit_rows(parents + NOISE * noise)


def write_grown(path: Path, real: Vectors, rows: int, seed: int = 0, kind: DTypeLike = np.float32) -> Vectors:
    """Write real rows, then made ones; fewer rows are always the beginning of more.

    Args:
        path: the ``.npy`` file to write.
        real: (n, dim) float32 rows of length 1.
        rows: how many there shall be, n or more.
        seed: of the noise.
        kind: type of the numbers, float32 or float16.

    Returns:
        (rows, dim) rows of length 1, mapped from the file.
    """
    grown = np.lib.format.open_memmap(path, "w+", np.dtype(kind), (rows, real.shape[1]))
    grown[: len(real)] = real
    making = Grown(real)
    for start in range(len(real), rows, _ROWS_AT_ONCE):
        grown[start : start + _ROWS_AT_ONCE] = making.made(_ROWS_AT_ONCE, (seed, start))[: rows - start]
    grown.flush()
    mapped: Vectors = np.load(path, mmap_mode="r")
    return mapped
