"""From probed buckets to the few rows worth an exact comparison.

Three stages, each reading fewer and larger things: the 64-bit codes that lie in bucket order beside the rows
(streamed), whole sketches of the best of those (one random read each), exact vectors of the best again (left
to the caller).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from lookalike.kernels.buckets import Tables


def _population_count(_typing_context: Any, _word: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to count the ones of a uint64: by LLVM's own instruction, which it vectorises."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


_ones: Any = intrinsic(_population_count)


@njit(cache=True, nogil=True)
def candidates(
    tables: Tables,
    probe_tables: NDArray[np.int32],
    probe_keys: NDArray[np.uint32],
    first_word: np.uint64,
    alive: NDArray[np.bool_],
    keep: int,
) -> tuple[NDArray[np.int32], int]:
    """Rows in the probed buckets whose codes are nearest to the query's.

    Args:
        tables: the hash tables.
        probe_tables: (p,) int32, tables of the buckets to visit.
        probe_keys: (p,) uint32, keys of the buckets to visit.
        first_word: the query's code.
        alive: (n,) bool; rows marked False are passed over.
        keep: about how many rows to keep; ties at the border are all kept.

    Returns:
        ``(rows, seen)``: distinct rows, ascending, int32; and how many codes were compared.
    """
    histogram = np.zeros(65, np.int64)
    seen = 0
    for probe in range(len(probe_tables)):
        table, key = probe_tables[probe], probe_keys[probe]
        start, stop = tables.starts[table, key], tables.starts[table, key + np.uint32(1)]
        seen += stop - start
        for place in range(start, stop):
            histogram[_ones(tables.codes[table, place] ^ first_word)] += 1
    border, kept = 0, histogram[0]
    while border < 64 and kept < keep:
        border += 1
        kept += histogram[border]
    found = np.empty(kept, np.int32)
    size = 0
    for probe in range(len(probe_tables)):
        table, key = probe_tables[probe], probe_keys[probe]
        for place in range(tables.starts[table, key], tables.starts[table, key + np.uint32(1)]):
            if _ones(tables.codes[table, place] ^ first_word) <= border:
                row = tables.rows[table, place]
                if alive[row]:
                    found[size] = row
                    size += 1
    found = np.sort(found[:size])
    # The same row may have been met in several tables.
    distinct = 0
    for place in range(size):
        if place == 0 or found[place] != found[place - 1]:
            found[distinct] = found[place]
            distinct += 1
    return found[:distinct], seen


@njit(cache=True, nogil=True)
def nearest_sketches(
    rows: NDArray[np.int32], sketches: NDArray[np.uint64], sketch: NDArray[np.uint64], keep: int
) -> NDArray[np.int32]:
    """Those of the rows whose sketches are nearest to the query's.

    Args:
        rows: (c,) int32.
        sketches: (n, words) uint64, of all rows.
        sketch: (words,) uint64, the query's.
        keep: about how many rows to keep; ties at the border are all kept.

    Returns:
        (about keep,) int32, in the order given.
    """
    words = sketches.shape[1]
    if len(rows) <= keep:
        return rows
    distances = np.empty(len(rows), np.int64)
    histogram = np.zeros(64 * words + 1, np.int64)
    for place in range(len(rows)):
        total = np.uint64(0)
        for word in range(words):
            total += _ones(sketches[rows[place], word] ^ sketch[word])
        distances[place] = total
        histogram[total] += 1
    border, kept = 0, histogram[0]
    while kept < keep:
        border += 1
        kept += histogram[border]
    return rows[distances <= border]
