"""The answers of several shards as one, as if one index had all rows.

Shards have no id in common, and each answers in ascending order of (distance, id). So the k nearest of all
are among the k nearest of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np

from lookalike.index import Neighbors, Ranges, Work


def nearest(parts: Sequence[Neighbors], k: int) -> Neighbors:
    """Merge the k nearest of each shard; the estimated recall is the mean of those of the rows' shards.

    Args:
        parts: one or more answers to the same queries, each (q, k).
        k: how many to keep.
    """
    ids = np.concatenate([part.ids for part in parts], axis=1)
    distances = np.concatenate([part.distances for part in parts], axis=1)
    # Padding has id -1 and would come first among infinite distances; no row is infinitely far.
    order = np.lexsort((ids, distances), axis=1)[:, :k]
    recall = np.concatenate([np.repeat(part.recall[:, None], part.ids.shape[1], 1) for part in parts], axis=1)
    kept = np.take_along_axis(ids, order, axis=1)
    count = (kept >= 0).sum(axis=1)
    vouched = np.where(kept >= 0, np.take_along_axis(recall, order, axis=1), 0).sum(axis=1)
    return Neighbors(
        kept,
        np.take_along_axis(distances, order, axis=1),
        _work(parts),
        np.where(count > 0, vouched / np.maximum(count, 1), 1).astype(np.float32),
    )


def within(parts: Sequence[Ranges]) -> Ranges:
    """Merge all that each shard found within a radius; ``parts`` are one or more answers to q queries."""
    queries = np.concatenate(
        [np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts)) for part in parts]
    )
    ids = np.concatenate([part.ids for part in parts])
    distances = np.concatenate([part.distances for part in parts])
    order = np.lexsort((ids, distances, queries))
    starts = np.asarray(sum(part.starts for part in parts), np.int64)
    return Ranges(starts, ids[order], distances[order], _work(parts))


def _work(parts: Sequence[Neighbors] | Sequence[Ranges]) -> Work:
    return reduce(add, (part.work for part in parts))
