"""The rows of an index, as the compiled functions take them; this module needs no numba."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import frozen

Part = tuple[NDArray[np.int64], NDArray[Any], NDArray[np.bool_]]
"""The ids (n,), vectors (n, dim) and marks of the living (n,) of some rows."""


class Stored(NamedTuple):
    """The rows that can be found, in two parts; rows of the later part are numbered after the first.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32; of no rows if they are float16.
        halves: (n, dim) uint16, the bits of float16 numbers, which numba does not know; of no rows if they
            are float32. So both are of one type, for which the kernels are compiled once.
        alive: (n,) bool; rows marked False are passed over. Of no rows, like ``later_alive``, if all rows
            are alive; then a search need not look for each row.
        later_ids: (m,) int64.
        later_vectors: (m, dim) float32.
        later_alive: (m,) bool.
        fresh: (f, 8) uint64, the sketches of the last f rows, which are in no table.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    halves: NDArray[np.uint16]
    alive: NDArray[np.bool_]
    later_ids: NDArray[np.int64]
    later_vectors: NDArray[np.float32]
    later_alive: NDArray[np.bool_]
    fresh: NDArray[np.uint64]

    @classmethod
    def of(cls, first: Part, later: Part, fresh: NDArray[np.uint64]) -> Self:
        """Take two parts, of which the first may be of float16, and the sketches of fresh rows."""
        ids, vectors, alive = first
        halves = frozen(np.empty((0, vectors.shape[1]), np.uint16))
        if vectors.dtype == np.float16:
            vectors, halves = frozen(np.empty(halves.shape, np.float32)), vectors.view(np.uint16)
        return cls(ids, vectors, halves, alive, *later, fresh)
