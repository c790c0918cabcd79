"""Recall as the knob: how many probes a wanted recall takes, measured on the index's own rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lookalike.errors import UsageError
from lookalike.index.rows import Block
from lookalike.kernels.arrays import Ids, Vectors

CALIBRATION_QUERIES = 256
CALIBRATION_K = 10
_ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class RecallPoint:
    """What one setting reached on held-out rows.

    Attributes:
        probes: buckets visited a query.
        recall: mean recall@10 over the held-out queries.
        lower: one-sided 95 % confidence bound of that mean.
    """

    probes: int
    recall: float
    lower: float

    def __post_init__(self) -> None:
        if not isinstance(self.probes, int) or self.probes < 1 or not self.lower <= self.recall <= 1:
            raise UsageError(f"{self} is not a measurement")


def choose_tables_and_bits(rows: int) -> tuple[int, int]:
    """Tables and bits for a number of rows: about 32 rows a bucket, which a probe streams at once.

    Returns:
        ``(tables, bits)``.
    """
    return 4, max(4, min(20, round(math.log2(max(rows, 1) / 32))))


def measure_recall(
    search: Callable[[Vectors, int, int], Ids],
    truth: Callable[[Vectors, int], Ids],
    rows: Block,
    most_probes: int,
    random: np.random.Generator,
) -> tuple[RecallPoint, ...]:
    """Measure recall@10 at growing numbers of probes, on rows that are left out of their own answers.

    Args:
        search: ``(queries, k, probes) -> (q, k) ids`` through the tables.
        truth: ``(queries, k) -> (q, k) ids`` exactly.
        rows: the rows that the tables hold, all alive.
        most_probes: all buckets there are.
        random: draws the held-out rows.

    Returns:
        Points with probes doubling, until recall is above 0.999, or falls (the funnel's later stages
        bound it), or all buckets are visited.
    """
    count = len(rows.ids)
    if count < 2:
        return ()
    chosen = random.choice(count, min(CALIBRATION_QUERIES, count), replace=False)
    queries, own = rows.vectors[chosen], rows.ids[chosen]
    k = min(CALIBRATION_K, count - 1)
    expected = _without(truth(queries, k + 1), own, k)
    points: list[RecallPoint] = []
    probes = 4
    while True:
        probes = min(probes, most_probes)
        found = _without(search(queries, k + 1, probes), own, k)
        hits = np.array([np.isin(e, f).mean() for e, f in zip(expected, found, strict=True)])
        spread = hits.std(ddof=1) / math.sqrt(len(hits))
        points.append(RecallPoint(probes, float(hits.mean()), float(hits.mean() - _ONE_SIDED_95 * spread)))
        best = max(point.recall for point in points)
        if best > 0.999 or points[-1].recall < best - 0.01 or probes == most_probes:
            return tuple(points)
        probes *= 2


def probes_for(points: tuple[RecallPoint, ...], recall: float) -> int | None:
    """The fewest measured probes whose lower bound reaches a recall below 1; None where none does."""
    if recall >= 1:
        return None
    return next((point.probes for point in points if point.lower >= recall), None)


def _without(found: Ids, own: Ids, k: int) -> Ids:
    """Drop each query's own id from its answer (or the last place, where it is missing)."""
    keep = found != own[:, None]
    keep[keep.all(axis=1), -1] = False
    return np.asarray(found[keep].reshape(len(found), k))
