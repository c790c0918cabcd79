"""Plain twins of the compiled kernels: what they are to compute, written down with no thought for speed.

Nothing of `lookalike` is used here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Words = NDArray[np.uint64]


def bits_of(words: Words) -> NDArray[np.bool_]:
    """The bits of (..., words) packed words, (..., 64 * words), the lowest of the first word first."""
    octets = np.ascontiguousarray(words, "<u8").view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little").astype(np.bool_)


def keys(margins: Floats) -> NDArray[np.int64]:
    """The keys that (..., bits) margins spell, the lowest bit first."""
    return np.asarray(((margins > 0) * 2 ** np.arange(margins.shape[-1])).sum(axis=-1))


def costs(margins: Floats) -> NDArray[np.float64]:
    """What each bucket costs a query: the squares of its (tables, bits) margins where the keys differ.

    Returns:
        (tables, 2 ** bits).
    """
    tables, bits = margins.shape
    every = np.arange(2**bits)
    found = np.zeros((tables, 2**bits))
    for table in range(tables):
        for bit in range(bits):
            margin = float(margins[table, bit])
            found[table] += np.where((every >> bit & 1) != (margin > 0), margin**2, 0)
    return found


def widths(pattern: Words) -> NDArray[np.int64]:
    """How wide a query's margins are, read from the ones, twos and fours of its (4, 8) pattern: (512,)."""
    ones, twos, fours = bits_of(pattern[1:]).astype(np.int64)
    return np.asarray(ones + 2 * twos + 4 * fours)


def differences(sketches: Words, pattern: Words, words: int) -> list[int]:
    """For each of (n, 8) sketches the widths of the query's margins, over the differing of the first bits."""
    differing = bits_of(sketches[:, :words]) != bits_of(pattern[0, :words])
    whole = np.float32  # in which numpy multiplies matrices fast; sums up to 3,584 are exact
    return [int(total) for total in differing.astype(whole) @ widths(pattern)[: 64 * words].astype(whole)]


def codes(transposed: NDArray[np.uint8], starts: NDArray[np.int64]) -> Words:
    """The codes, (n, 2), of a table's buckets, each bucket's bytes turned back into rows."""
    rows = [np.empty((0, 16), np.uint8)]
    for bucket in np.flatnonzero(np.diff(starts)).tolist():
        start, stop = starts[bucket : bucket + 2].tolist()
        rows.append(transposed[16 * start : 16 * stop].reshape(16, stop - start).T)
    return np.ascontiguousarray(np.concatenate(rows)).view("<u8")


def border(scores: Sequence[float], keep: int) -> float:
    """The score up to which the ``keep`` best lie; infinite where there are no more than that."""
    return sorted(scores)[keep - 1] if keep < len(scores) else float("inf")
