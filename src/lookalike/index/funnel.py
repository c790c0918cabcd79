"""The compiled funnel, as the index calls it: how far to go, and over which rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.index.base import Neighbors, Work
from lookalike.index.hashing import Hashing
from lookalike.index.rows import Block
from lookalike.index.tuning import RecallPoint
from lookalike.kernels.arrays import Vectors, frozen
from lookalike.kernels.metrics import METRICS, Metric

if TYPE_CHECKING:
    from lookalike.kernels.funnel import Effort

_CODES, _SKETCHES = 100, 10  # rows kept for each neighbour wanted, where the caller gives probes
_AT_LEAST = 10  # neighbours to keep so many rows for, even if fewer are wanted


def effort_of(point: RecallPoint, k: int, share: float) -> Effort:
    """The effort that a curve names.

    Args:
        point: the point chosen.
        k: neighbours wanted.
        share: of the rows in the tables those that are alive.
    """
    codes = max(math.ceil(point.codes / share), 2 * k)
    return kernels.funnel.Effort(point.reach, 0, codes, max(point.sketches, k))


def effort_by_probes(hashing: Hashing, probes: int, k: int, share: float) -> Effort:
    """The effort for a number of buckets, with widths that lose little; all buckets: nothing is left out.

    Args:
        hashing: the tables.
        probes: buckets to visit.
        k: neighbours wanted.
        share: of the rows in the tables those that can be answers.
    """
    if probes >= hashing.buckets:
        everything = np.iinfo(np.int32).max
        return kernels.funnel.Effort(0.0, hashing.buckets, everything, everything)
    wanted = max(k, _AT_LEAST)
    return kernels.funnel.Effort(0.0, probes, math.ceil(_CODES * wanted / share), _SKETCHES * wanted)


def search_tables(
    hashing: Hashing,
    main: Block,
    later: Block,
    fresh: NDArray[np.uint64],
    effort: Effort,
    queries: Vectors,
    k: int,
    metric: Metric,
) -> Neighbors:
    """The k nearest to each query among the rows that pass the funnel.

    Args:
        hashing: hash functions and tables.
        main: the first rows.
        later: the rows after them.
        fresh: (f, 8) uint64, sketches of the last f of all rows, which are not in the tables.
        effort: how far to go.
        queries: (q, dim) float32, prepared.
        k: how many.
        metric: how to rank.
    """
    ids = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    stored = kernels.stages.Stored(*main, *later, fresh)
    work = kernels.funnel.search(
        hashing.tables, stored, effort, frozen(queries), hashing.margins(queries), hashing.centre,
        hashing.signs, METRICS.index(metric.name), metric.power, ids, distances,
    )  # fmt: skip
    return Neighbors(ids, distances, Work(*work))
