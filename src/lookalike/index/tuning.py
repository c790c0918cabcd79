"""Recall as the knob: what effort a wanted recall takes, measured on the index's own rows.

Some rows are taken for queries and left out of their own answers. For each of their true neighbours one
looks up what it would have taken to find it: the reach at which its bucket is visited, and how many rows each
stage of the funnel must keep. The recall of any effort is the share of neighbours that needed no more of any
of the three, so the cheapest effort for a recall is found without searching once. Ranks are taken among all
rows, although a search meets only some of them: what is promised is a little less than what is got.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index.hashing import Hashing, rows_at
from lookalike.index.rows import Block
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import CODE_BITS, SKETCH_WORDS
from lookalike.kernels.metrics import Metric

MEASURED = {10: 256, 100: 64}  # k, and how many queries its curve is measured with
_SLOW = 32  # queries where a metric has no matrix product to find the truth with
_LEVELS = (0.5, 0.6, 0.7, 0.75, *(level / 100 for level in range(80, 100)), 0.993, 0.996, 0.998, 0.999)
_ROWS_AT_ONCE = 1 << 14
# What things cost, in nanoseconds on one machine; only their ratios matter.
_BUCKET, _CODE, _SKETCH, _VECTOR, _COMPONENT = 10.0, 1.2, 70.0, 60.0, 0.6
_SCANNED_ROW, _SCANNED_COMPONENT = 15.0, 0.03  # where many queries are scanned for at once
_TWO_SIDED_90 = 1.645


@dataclass(frozen=True, slots=True)
class RecallPoint:
    """What one effort reaches.

    Attributes:
        reach: how far a bucket may be from the query to be visited; see ``kernels.probes``.
        codes: rows that pass the first stage of the funnel.
        sketches: rows that pass the second, and are compared exactly.
        probes: buckets that lie within the reach, on average.
        recall: mean recall over the queries it was measured with.
        lower: one-sided 95 % confidence bound of that mean.
        upper: the bound on the other side.
    """

    reach: float
    codes: int
    sketches: int
    probes: float
    recall: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        kept = isinstance(self.codes, int) and isinstance(self.sketches, int) and self.sketches > 0
        if not kept or not self.reach >= 0 or not 0 <= self.lower <= self.recall <= self.upper <= 1:
            raise UsageError(f"{self} is not a measurement")


_Number = TypeVar("_Number", bound=np.number)
Curve = tuple[RecallPoint, ...]


class _Needs(NamedTuple):
    """What the true neighbours take, each (queries, neighbours)."""

    reach: NDArray[np.float32]
    codes: NDArray[np.int64]
    sketches: NDArray[np.int64]

    def first(self, queries: int, neighbours: int) -> _Needs:
        """Those of the first queries, for their nearest neighbours."""
        part = np.s_[:queries, :neighbours]
        return _Needs(self.reach[part], self.codes[part], self.sketches[part])


def choose_tables_and_bits(rows: int) -> tuple[int, int]:
    """Tables and bits for a number of rows: one table, about 40 rows a bucket, which a probe streams at once.

    One table beats several at equal cost: a code that lies in four tables is met up to four times.

    Returns:
        ``(tables, bits)``.
    """
    return 1, max(4, min(20, round(math.log2(max(rows, 1) / 40))))


def measure_recall(
    blocks: Sequence[Block],
    hashing: Hashing,
    metric: Metric,
    random: np.random.Generator,
    go_on: Callable[[], None] = lambda: None,
) -> dict[int, Curve]:
    """Find the cheapest effort for each of some levels of recall@k.

    Args:
        blocks: the rows that the tables hold, numbered through.
        hashing: the tables.
        metric: how true neighbours are told.
        random: draws the queries.
        go_on: called now and then; what it raises ends the work.

    Returns:
        For each k of ``MEASURED`` points in order of their recall; none for so few rows that a curve would
        tell nothing.
    """
    count = len(hashing.rows)
    if count <= max(MEASURED):
        return dict.fromkeys(MEASURED, ())
    slow = metric.name in ("manhattan", "minkowski")
    own = hashing.rows[random.choice(count, min(count, _SLOW if slow else max(MEASURED.values())), False)]
    queries = rows_at(blocks, own)
    truth = _true_rows(blocks, queries, own.astype(np.int64), max(MEASURED), metric, go_on)
    needs = _needs(blocks, hashing, queries, truth)
    go_on()
    margins = hashing.key_margins(hashing.margins(queries))
    return {k: _cheapest(needs.first(most, k), hashing, margins[:most]) for k, most in MEASURED.items()}


def curve_for(curves: Mapping[int, Curve], k: int) -> Curve:
    """The curve that tells most about k neighbours: that for the next larger k; none where there is none."""
    measured = min((most for most in curves if k <= most), default=None)
    return () if measured is None else curves[measured]


def effort_for(curve: Curve, recall: float) -> RecallPoint | None:
    """The cheapest measured effort whose lower bound reaches a recall; None where none does."""
    return next((point for point in curve if point.lower >= recall), None)


def _true_rows(
    blocks: Sequence[Block],
    queries: Vectors,
    own: NDArray[np.int64],
    k: int,
    metric: Metric,
    go_on: Callable[[], None],
) -> NDArray[np.int64]:
    """The k nearest rows to each query, its own left out, by the fast formula: (q, k), nearest first."""
    nearest = np.full((len(queries), k), np.iinfo(np.int64).max)
    scores = np.full((len(queries), k), np.inf, np.float32)
    first = 0
    for block in blocks:
        for start in range(0, len(block.ids), _ROWS_AT_ONCE):
            go_on()
            part = slice(start, start + _ROWS_AT_ONCE)
            screened = metric.screen(queries, np.asarray(block.vectors[part])).scores
            screened[:, ~block.alive[part]] = np.inf
            kernels.needs.offer(screened, first + start, own, nearest, scores)
        first += len(block.ids)
    return np.take_along_axis(nearest, np.argsort(scores, axis=1), axis=1)


def _needs(blocks: Sequence[Block], hashing: Hashing, queries: Vectors, truth: NDArray[np.int64]) -> _Needs:
    """What it takes to find the true rows of each query."""
    shape = truth.shape
    vectors = rows_at(blocks, truth.reshape(-1))
    margins, row_margins = hashing.margins(queries), hashing.margins(vectors)
    key_margins = hashing.key_margins(row_margins).reshape(*shape, *hashing.shape)
    reach = kernels.needs.reaches(hashing.key_margins(margins), key_margins)
    sketches = hashing.sketch(vectors, row_margins).reshape(*shape, SKETCH_WORDS)
    codes = np.ascontiguousarray(margins[:, -CODE_BITS:])
    ranks = kernels.needs.ranks(hashing.sketches, sketches, queries, codes, hashing.centre, hashing.signs)
    return _Needs(reach, *ranks)


def _cheapest(needs: _Needs, hashing: Hashing, margins: Vectors) -> Curve:
    """For each level of recall the cheapest effort that reaches it."""
    reaches, kept, compared = _steps(needs.reach, 24), _steps(needs.codes, 14), _steps(needs.sketches, 14)
    dim = hashing.planes.shape[1]
    probes, met = kernels.needs.visits(hashing.tables, margins, reaches)
    cost = (
        (_BUCKET * probes + _CODE * met)[:, None, None]
        + (_SKETCH * kept)[None, :, None]
        + ((_VECTOR + _COMPONENT * dim) * compared)[None, None, :]
    )
    cost[cost > (_SCANNED_ROW + _SCANNED_COMPONENT * dim) * len(hashing.rows)] = np.inf
    # shares[r, c, s, q]: how much of query q's truth an effort finds.
    by_reach = needs.reach <= reaches[:, None, None]
    by_codes = needs.codes <= kept[:, None, None]
    by_sketches = needs.sketches <= compared[:, None, None]
    parts = (part.astype(np.float32) for part in (by_reach, by_codes, by_sketches))
    shares = np.einsum("rqn,cqn,sqn->rcsq", *parts) / needs.reach.shape[1]
    recall = shares.mean(axis=3, dtype=np.float64)
    points: list[RecallPoint] = []
    for level in _LEVELS:
        at = np.unravel_index(np.where(recall >= level, cost, np.inf).argmin(), cost.shape)
        mean, spread = float(recall[at]), float(shares[at].std(ddof=1)) / math.sqrt(shares.shape[3])
        if mean < level or np.isinf(cost[at]):  # out of reach, or dearer than a scan
            break
        points.append(
            RecallPoint(
                float(reaches[at[0]]),
                int(kept[at[1]]),
                int(compared[at[2]]),
                float(probes[at[0]]),
                mean,
                max(0.0, mean - _TWO_SIDED_90 * spread),
                min(1.0, mean + _TWO_SIDED_90 * spread),
            )
        )
    return tuple(dict.fromkeys(points))


def _steps(needed: NDArray[_Number], count: int) -> NDArray[_Number]:
    """Values worth trying for a need: its quantiles, ever closer to the largest."""
    shares = 1 - np.geomspace(0.6, 1 / needed.size, count)
    return np.unique(np.quantile(needed, shares, method="higher").astype(needed.dtype))
