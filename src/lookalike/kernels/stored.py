"""The rows of an index, as the compiled functions take them; this module needs no numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Stored(NamedTuple):
    """The rows that can be found, in two parts; rows of the later part are numbered after the first.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32.
        alive: (n,) bool; rows marked False are passed over. Of no rows, like ``later_alive``, if all rows
            are alive; then a search need not look for each row.
        later_ids: (m,) int64.
        later_vectors: (m, dim) float32.
        later_alive: (m,) bool.
        fresh: (f, 8) uint64, the sketches of the last f rows, which are in no table.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    alive: NDArray[np.bool_]
    later_ids: NDArray[np.int64]
    later_vectors: NDArray[np.float32]
    later_alive: NDArray[np.bool_]
    fresh: NDArray[np.uint64]
