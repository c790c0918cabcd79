"""Cells: buckets of the rows that are nearest to the same centre; the centres are learned from the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.kernels.arrays import Vectors, frozen, shortened
from lookalike.kernels.bits import CODE_BITS

LEARNED_FROM = 16  # rows per cell; four times as many, and five rounds, leave 0.98 of the codes to meet
_ROUNDS = 3
_ROWS_AT_ONCE = 1 << 11


class Cells(NamedTuple):
    """Centres of cells, as many as there are buckets; none if keys are signs.

    Attributes:
        centres: (cells, 128) float32, in the coordinates that the margins of a code are; learned ones are
            ``arrays.shortened``.
        squares: (cells,) float32, of their lengths.
    """

    centres: Vectors
    squares: Vectors

    @classmethod
    def around(cls, centres: Vectors) -> Self:
        """Cells with centres, (cells, 128) float32."""
        return cls(frozen(centres), frozen(np.einsum("ij,ij->i", centres, centres)))

    @classmethod
    def none(cls) -> Self:
        """What stands for cells if keys are signs: no centre at all."""
        return cls.around(np.empty((0, CODE_BITS), np.float32))

    def costs(self, codes: Vectors) -> Vectors:
        """What the cells cost queries: how much farther each centre is than the nearest, as squared distance.

        Args:
            codes: (q, 128) float32, margins of a code.

        Returns:
            (q, 1, cells) float32; see ``kernels.cells``.
        """
        products = codes @ self.centres.T
        kernels.cells.costs_from(products, self.squares)
        return products[:, None]

    def keys(self, codes: Vectors) -> NDArray[np.uint32]:
        """Find the cell of each of some rows.

        Args:
            codes: (n, 128) float32, margins of a code.

        Returns:
            (1, n) uint32.
        """
        keys = np.empty((1, len(codes)), np.uint32)
        for start in range(0, len(codes), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            keys[:, part] = kernels.buckets.keys_of(self.costs(codes[part]), len(self.centres))
        return keys


def learn(
    codes: Vectors, count: int, random: np.random.Generator, go_on: Callable[[], None] = lambda: None
) -> Cells:
    """Learn cells from rows by k-means: Lloyd, "Least squares quantization in PCM", IEEE Trans. 1982.

    Args:
        codes: (n, 128) float32, margins of the codes of some rows, n >= 1.
        count: how many cells, 1 or more; there are fewer if some would stay empty.
        random: draws the rows to begin with.
        go_on: called between rounds; what it raises ends the work.
    """
    cells = Cells.around(shortened(codes[np.sort(random.choice(len(codes), min(count, len(codes)), False))]))
    for _ in range(_ROUNDS):
        go_on()
        own = cells.keys(codes)[0]
        order = np.argsort(own, kind="stable")
        _, starts, sizes = np.unique(own[order], return_index=True, return_counts=True)
        sums = np.add.reduceat(codes[order], starts, axis=0, dtype=np.float64)
        cells = Cells.around(shortened((sums / sizes[:, None]).astype(np.float32)))
    return cells
