"""The arrays of hash tables. ``kernels.buckets`` builds them; this module needs no numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tables(NamedTuple):
    """Hash tables over the same m rows. Each bucket is a run of places, and the runs lie in order of keys.

    A row's place in the first table is its *slot*: rows, sketches and the places of the other tables are
    numbered by it. So the rows of one bucket of the first table lie together in memory, and a probe reads
    them straight through.

    Attributes:
        starts: (tables, buckets + 1) int64; bucket b of table t holds places starts[t, b]:starts[t, b + 1].
        codes: (tables, 16 * m + 32) uint8; the code of the row at each place. A code is the first 128 bits of
            the row's sketch, kept once per table in the order of its buckets. Those of bucket b of table t
            lie from byte 16 * starts[t, b] on, the first byte of each, then the second of each, and so on
            (see ``lookups``). After the last follow 32 zeros.
        slots: (tables - 1, m) int32; the slot of the row at each place of the second table, the third...
        rows: (m,) int32; the number of the row in each slot.
        sketches: (m, 8) uint64; the sketch, 512 sign bits, of the row in each slot.
    """

    starts: NDArray[np.int64]
    codes: NDArray[np.uint8]
    slots: NDArray[np.int32]
    rows: NDArray[np.int32]
    sketches: NDArray[np.uint64]
