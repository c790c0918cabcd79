"""Pairs of queries and pictures, scored beyond their levels: the highest, and a sample of all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.calibration.scoring import GAIN, Scores
from lookalike.kernels.arrays import Vectors

LOOKED_AT = 10
"""Candidates of a query that a search looks at; the second look adds nothing to the score of others."""

HIGHEST = 10_000
_LARGEST_SHARE = 4
"""Pairs that are kept with their rows: 10,000, or a fourth of all if that is less. No lower one comes near a
verdict, and few collections are so full of copies that lower ones are copies too."""

_BULK = 20_000  # lower pairs of which the score is kept, to know the chance of an ordinary score
_BLOCK = 8192  # pictures compared with all queries at a time: 10 MB of similarities for 300 queries


class Pairs(NamedTuple):
    """Pairs of queries and pictures.

    Attributes:
        scores: (k,) float64 descending, of the highest pairs, without what a second look may add.
        queries: (k,) int64 rows of their queries.
        pictures: (k,) int64 rows of their pictures.
        looked_at: (k,) whether the picture is among the 10 of its query that a search looks at.
        bulk: (b,) float64 scores of some of the other pairs, drawn evenly.
        bulk_weight: how many pairs each of these stands for.
    """

    scores: Scores
    queries: NDArray[np.int64]
    pictures: NDArray[np.int64]
    looked_at: NDArray[np.bool_]
    bulk: Scores
    bulk_weight: float


def highest_pairs(
    queries: Vectors, query_levels: Vectors, copies: Vectors, levels: Vectors, own: NDArray[np.int64] | None
) -> Pairs:
    """Compare all queries with all pictures, in bounded memory.

    Args:
        queries: (q, dim) float32 rows of unit length.
        query_levels: (q,) float32.
        copies: (n, dim) float32 rows of unit length, at least 8 that are not the query itself.
        levels: (n,) float32.
        own: (q,) the row of ``copies`` that each query is itself, which is no pair; None if they are others.
    """
    total = len(queries) * len(copies) - (0 if own is None else len(queries))
    keep, step = min(HIGHEST, total // _LARGEST_SHARE), max(1, total // _BULK)
    best = np.full((len(queries), LOOKED_AT), -np.inf, np.float32)
    top, places = np.empty(0, np.float32), np.empty(0, np.int64)
    bulk, skipped = [], 0
    for start in range(0, len(copies), _BLOCK):
        block = slice(start, start + _BLOCK)
        above = queries @ copies[block].T - (query_levels[:, None] + levels[block]) / 2
        if own is not None:
            inside = np.flatnonzero((own >= start) & (own < start + above.shape[1]))
            above[inside, own[inside] - start] = -np.inf
        best = np.partition(np.hstack([best, above]), above.shape[1] - 1, axis=1)[:, -LOOKED_AT:]
        rows = np.arange(len(queries))[:, None] * len(copies) + np.arange(start, start + above.shape[1])
        top, places = np.concatenate([top, above.ravel()]), np.concatenate([places, rows.ravel()])
        if len(top) > keep:
            chosen = np.argpartition(top, len(top) - keep)[len(top) - keep :]
            top, places = top[chosen], places[chosen]
        bulk.append(above.ravel()[skipped::step])
        skipped = (skipped - above.size) % step
    order = np.argsort(-top, kind="stable")
    top, places = top[order], places[order]
    lower = np.concatenate(bulk)
    lower = lower[(lower < top[-1]) & np.isfinite(lower)].astype(np.float64)
    of_query, of_picture = np.divmod(places, len(copies))
    return Pairs(
        GAIN * top.astype(np.float64),
        of_query,
        of_picture,
        top >= best.min(axis=1)[of_query],
        GAIN * lower,
        (total - keep) / max(1, len(lower)),
    )


def sampled_ranks(count: int, all_up_to: int) -> Iterator[tuple[int, int]]:
    """Some ranks of a ranking, all at its top and fewer the lower they are, evenly on a logarithmic scale.

    Args:
        count: ranks that there are.
        all_up_to: so many at the top are all taken.

    Yields:
        ``(rank, weight)``: from 0, and how many ranks around it stands for; weights add up to ``count``.
    """
    first = 0
    while first < count:
        weight = min(max(1, first // all_up_to), count - first)
        yield first + (weight - 1) // 2, weight
        first += weight
