"""Codes of 256 bits, such as perceptual hashes: all that differ from a query in few bits, none missed."""

from __future__ import annotations

import threading
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Ids
from lookalike.kernels.bits import Bytes, Words, differing_bits

BYTES = 32
LARGEST_RADIUS = 47
SCAN_BELOW = 50_000  # with fewer rows a scan by numpy is faster than loading the compiled kernels
_PARTS, _PART_BITS = 16, 16
_MASKS = np.array(
    [sum(1 << bit for bit in bits) for flips in (0, 1, 2) for bits in combinations(range(_PART_BITS), flips)],
    np.uint16,
)
_PROBES = (0, 1, 17, 137)
"""Masks up to -1 (the part is not looked at), 0, 1 and 2 flipped bits."""


class Near(NamedTuple):
    """Rows within the radius of a query, in ascending order of (differing, id).

    Attributes:
        ids: (n,) int64.
        differing: (n,) int64, in how many bits each differs from the query.
    """

    ids: Ids
    differing: NDArray[np.int64]


class _Tables(NamedTuple):
    """Tables over rows, as ``kernels.parts.fill`` makes them."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]


class _State(NamedTuple):
    """What a search looks at: rows, the first so many of them in tables. It is replaced whole."""

    ids: Ids
    codes: Words
    tables: _Tables | None
    settled: int


class HammingIndex:
    """A set of (id, code) pairs that finds all codes within one radius of a query, exactly.

    Rows that came since the tables were filled are scanned; the tables are filled anew when these rows are an
    eighth of all. With ten million rows it needs 1 GB: per row, 32 bytes for the code, 8 for the id, and 64
    for 16 tables. Any number of threads may search and add.

    >>> index = HammingIndex(31)
    >>> index.add([7, 8], np.array([[0] * 32, [255] * 32], np.uint8))
    >>> index.search(bytes(31) + b"\\x01")
    Near(ids=array([7]), differing=array([1]))
    """

    def __init__(self, radius: int) -> None:
        """Make an empty index.

        Args:
            radius: bits of 256 in which an answer may differ from a query, 0 to 47.

        Raises:
            UsageError: it is out of range.
        """
        if not isinstance(radius, int) or not 0 <= radius <= LARGEST_RADIUS:
            raise UsageError(f"radius must be a whole number from 0 to {LARGEST_RADIUS}, not {radius!r}")
        self.radius = radius
        more, parts = divmod(radius + 1, _PARTS)
        self._probes = np.array([_PROBES[more + (part < parts)] for part in range(_PARTS)], np.int64)
        self._changing = threading.Lock()
        self._state = _State(np.empty(0, np.int64), np.empty((0, BYTES // 8), np.uint64), None, 0)

    def __len__(self) -> int:
        return len(self._state.ids)

    def add(self, ids: ArrayLike, codes: Bytes) -> None:
        """Add pairs; they are found by the next search.

        Args:
            ids: (n,) whole numbers; the caller sees to it that each is new.
            codes: (n, 32) uint8.

        Raises:
            UsageError: counts or shapes do not fit.
        """
        new = np.ascontiguousarray(codes, np.uint8)
        numbers = np.asarray(ids, np.int64)
        if new.ndim != 2 or new.shape[1] != BYTES or numbers.shape != new.shape[:1]:
            raise UsageError(f"each id needs a code of {BYTES} bytes: {numbers.shape} came with {new.shape}")
        with self._changing:
            state = self._state
            joined = np.concatenate([state.codes, new.view(np.uint64)])
            state = state._replace(ids=np.concatenate([state.ids, numbers]), codes=joined)
            rows = len(joined)
            if rows >= SCAN_BELOW and rows - state.settled > state.settled // 8:
                state = state._replace(tables=_filled(joined), settled=rows)
            self._state = state

    def search(self, code: bytes) -> Near:
        """Find all rows within the radius of a query, 32 bytes.

        Raises:
            UsageError: it is not as long.
        """
        if len(code) != BYTES:
            raise UsageError(f"a code has {BYTES} bytes, not {len(code)}")
        query = np.frombuffer(code, np.uint8).view(np.uint64)
        state = self._state
        rows, differing = self._rows(state, query)
        order = np.lexsort((state.ids[rows], differing))
        return Near(state.ids[rows][order], differing[order])

    def _rows(self, state: _State, query: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if state.tables is None:
            differing = differing_bits(state.codes, query)
            rows = np.flatnonzero(differing <= self.radius)
            return rows, differing[rows]
        parts = kernels.parts
        settled, fresh = state.codes[: state.settled], state.codes[state.settled :]
        found, near = parts.near(settled, *state.tables, query, self.radius, _MASKS, self._probes)
        newer, differing = parts.scan(fresh, query, self.radius)
        return np.concatenate([found, newer + state.settled]), np.concatenate([near, differing])


def _filled(codes: Words) -> _Tables:
    starts = np.empty((_PARTS, (1 << _PART_BITS) + 1), np.int64)
    rows = np.empty((_PARTS, len(codes)), np.int32)
    kernels.parts.fill(codes.view(np.uint16), starts, rows)
    return _Tables(starts, rows)
