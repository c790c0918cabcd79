"""Recall as the knob: measures, on an index's own rows, how much effort a wanted recall takes.

Some rows are taken as queries, each left out of its own answers. For each of their true neighbours three
needs are measured: the reach at which its bucket is visited, and how many rows the first and the second stage
of the funnel must keep to keep it. An effort finds the neighbours that need no more than it gives in all
three, so its recall is their share, and the cheapest effort for a recall is found without a single search.
Queries inside a knot of near copies are left out, since for them a search widens itself.

Of so many efforts the cheapest is one that happens to suit the queries it was chosen by. So the queries are
dealt into parts, and each is measured with the effort that the queries of the other parts choose.

Ranks are taken among all rows, although a search meets only some of them, so a search finds a little more
than its curve promises.
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
from lookalike.index.base import Work
from lookalike.index.hashed import Hashed
from lookalike.index.pairs import TWO_SIDED_90
from lookalike.index.rows import Block, rows_at
from lookalike.kernels.arrays import Vectors, frozen
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.metrics import Metric

MEASURED = {10: 256, 100: 64}  # for each k, how many queries its curve is measured with
_SLOW = 32  # how many, if a metric has no matrix product by which to find the true neighbours
_LEVELS = (0.5, 0.6, 0.7, 0.75, *(level / 100 for level in range(80, 100)), 0.993, 0.996, 0.998, 0.999)
_COPIES = 3  # times as many near copies as neighbours are asked for has a query inside a knot
_PARTS = 8  # that the queries are dealt into
_ROWS_AT_ONCE = 1 << 14
# What things cost, in nanoseconds on one machine; only their ratios matter.
_BUCKET, _CODE, _SKETCH, _VECTOR, _COMPONENT = 20.0, 0.8, 70.0, 60.0, 0.6
_SCANNED_ROW, _SCANNED_COMPONENT = 15.0, 0.03  # if many queries are scanned for at once


@dataclass(frozen=True, slots=True)
class RecallPoint:
    """An effort, and the recall that was measured with it.

    Attributes:
        reach: the most that a visited bucket may cost; see ``kernels.costs``.
        codes: how many rows pass the first stage of the funnel, the comparison of codes.
        sketches: how many rows pass the second stage, and are compared exactly.
        probes: how many buckets lie within the reach, on average.
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
    """What it takes to find the true neighbours of some queries.

    Attributes:
        reach: (q, n) float32, the reach at which the bucket of each neighbour is visited.
        codes: (q, n) int64, how many rows the first stage must keep to keep the neighbour.
        sketches: (q, n) int64, likewise for the second stage.
    """

    reach: NDArray[np.float32]
    codes: NDArray[np.int64]
    sketches: NDArray[np.int64]


def measure_recall(
    blocks: Sequence[Block],
    hashed: Hashed,
    metric: Metric,
    random: np.random.Generator,
    go_on: Callable[[], None] = lambda: None,
) -> dict[int, Curve]:
    """Find the cheapest effort for each of some levels of recall@k.

    Args:
        blocks: the rows that the tables hold, numbered through.
        hashed: hash functions, and the tables of those rows.
        metric: measures which rows are the true neighbours.
        random: draws the queries.
        go_on: called now and then; what it raises ends the work.

    Returns:
        For each k of ``MEASURED`` the points in order of their recall; no points if there are so few rows
        that a curve would tell nothing.
    """
    functions, rows = hashed.functions, hashed.tables.rows
    count = len(rows)
    if count <= max(MEASURED):
        return dict.fromkeys(MEASURED, ())
    most_queries = max(MEASURED.values()) if metric.formula.product else _SLOW
    own = rows[random.choice(count, min(count, most_queries), False)]
    queries = rows_at(blocks, own)
    truth = true_rows(blocks, queries, own.astype(np.int64), max(MEASURED), metric, go_on)
    curves: dict[int, Curve] = {}
    for k, most in MEASURED.items():
        go_on()
        needs, copies = _needs(blocks, hashed, queries[:most], truth[:most, :k])
        those = _outside_knots(copies, k, functions.tables)
        borders = functions.borders(functions.margins(queries[:most][those]))
        curves[k] = _cheapest(_Needs._make(of[those] for of in needs), hashed, borders)
    return curves


def curve_for(curves: Mapping[int, Curve], k: int) -> Curve:
    """The curve for k neighbours: that of the next larger measured k, or an empty one if there is none."""
    measured = min((most for most in curves if k <= most), default=None)
    return () if measured is None else curves[measured]


def effort_for(curve: Curve, recall: float) -> RecallPoint | None:
    """The cheapest measured effort whose lower bound reaches a recall; None if there is none."""
    return next((point for point in curve if point.lower >= recall), None)


def cost_of(work: Work, dim: int) -> float:
    """About how many nanoseconds some work takes; only ratios of costs matter."""
    first = _BUCKET * work.probes + _CODE * work.candidates
    return first + _SKETCH * work.sketches + (_VECTOR + _COMPONENT * dim) * work.distances


def cost_of_scan(rows: int, dim: int) -> float:
    """About how many nanoseconds it takes to scan rows for one of many queries."""
    return (_SCANNED_ROW + _SCANNED_COMPONENT * dim) * rows


def worth_a_scan(rows: int, dim: int) -> tuple[int, int]:
    """How many sketches, and how many vectors, it takes as long to compare as to scan rows."""
    scan = cost_of_scan(rows, dim)
    return math.ceil(scan / _SKETCH), math.ceil(scan / (_VECTOR + _COMPONENT * dim))


def true_rows(
    blocks: Sequence[Block],
    queries: Vectors,
    own: NDArray[np.int64],
    k: int,
    metric: Metric,
    go_on: Callable[[], None],
) -> NDArray[np.int64]:
    """Find the k nearest rows to each query by the metric's fast formula.

    Args:
        blocks: the rows, numbered through.
        queries: (q, dim) float32.
        own: (q,) the row that each query was taken from, which is left out.
        k: how many rows.
        metric: measures distance.
        go_on: called now and then.

    Returns:
        (q, k) numbers of rows, the nearest first.
    """
    nearest = np.full((len(queries), k), np.iinfo(np.int64).max)
    scores = np.full((len(queries), k), np.inf, np.float32)
    first = 0
    for block in blocks:
        for start in range(0, len(block.ids), _ROWS_AT_ONCE):
            go_on()
            part = slice(start, start + _ROWS_AT_ONCE)
            screened = metric.screen(queries, block.some(start, start + _ROWS_AT_ONCE)).scores
            screened[:, ~block.alive[part]] = np.inf
            kernels.needs.offer(screened, first + start, own, nearest, scores)
        first += len(block.ids)
    return np.take_along_axis(nearest, np.argsort(scores, axis=1), axis=1)


def _outside_knots(copies: NDArray[np.int64], k: int, tables: int) -> NDArray[np.bool_]:
    """Tell which queries a curve is measured with: (q,) from their numbers of near copies.

    Inside a knot of near copies a search widens itself, so all others need not make the effort that takes.
    It does not where nothing estimates its answers, in several tables; and if most queries are inside knots,
    rows are like that.
    """
    outside = copies <= _COPIES * k
    return outside if tables == 1 and 2 * outside.sum() >= len(outside) else np.ones_like(outside)


def _needs(
    blocks: Sequence[Block], hashed: Hashed, queries: Vectors, truth: NDArray[np.int64]
) -> tuple[_Needs, NDArray[np.int64]]:
    """Measure what it takes to find the true rows, (q, n), of each query; and count near copies, (q,)."""
    functions, shape = hashed.functions, truth.shape
    vectors = rows_at(blocks, truth.reshape(-1))
    margins, row_margins = functions.margins(queries), functions.margins(vectors)
    keys = functions.keys(row_margins).reshape(functions.tables, *shape)
    reach = kernels.needs.reaches(functions.borders(margins), keys, functions.buckets)
    sketches = functions.sketch(vectors, row_margins).reshape(*shape, SKETCH_WORDS)
    codes = functions.codes(margins)
    *ranks, copies = kernels.needs.ranks(
        hashed.tables.sketches, sketches, frozen(queries), codes, functions.rotation
    )
    return _Needs(reach, *ranks), copies


def _cheapest(needs: _Needs, hashed: Hashed, borders: Vectors) -> Curve:
    """Find for each level of recall the cheapest effort that reaches it.

    Args:
        needs: of the true neighbours of q queries.
        hashed: hash functions and tables.
        borders: (q, tables, bits or cells) float32, of those queries.
    """
    reaches, kept, compared = _steps(needs.reach, 24), _steps(needs.codes, 14), _steps(needs.sketches, 14)
    dim = hashed.functions.planes.shape[1]
    probes, met = kernels.needs.visits(hashed.tables, borders, reaches)
    cost = (
        (_BUCKET * probes + _CODE * met)[:, None, None]
        + (_SKETCH * kept)[None, :, None]
        + ((_VECTOR + _COMPONENT * dim) * compared)[None, None, :]
    )
    cost[cost > cost_of_scan(len(hashed.tables.rows), dim)] = np.inf
    shares = _shares(needs, reaches, kept, compared)
    chosen = _rising(cost, shares.mean(axis=3, dtype=np.float64))
    found_with: dict[tuple[int, ...], list[NDArray[np.float64]]] = {}  # an effort may serve several levels
    for at, found in zip(chosen, _by_others(cost, shares, len(chosen)), strict=True):
        found_with.setdefault(at, []).append(found)
    points: list[RecallPoint] = []
    for at, levels in found_with.items():
        found = np.mean(levels, axis=0)
        mean, spread = float(found.mean()), float(found.std(ddof=1)) / math.sqrt(len(found))
        if points and mean <= points[-1].recall:
            continue
        points.append(
            RecallPoint(
                float(reaches[at[0]]),
                int(kept[at[1]]),
                int(compared[at[2]]),
                float(probes[at[0]]),
                mean,
                max(0.0, mean - TWO_SIDED_90 * spread),
                min(1.0, mean + TWO_SIDED_90 * spread),
            )
        )
    return tuple(points)


def _shares(
    needs: _Needs, reaches: Vectors, kept: NDArray[np.int64], compared: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Compute which share of each query's true neighbours is found with each effort.

    Args:
        needs: of n true neighbours of q queries.
        reaches: (r,) float32, ascending, as many efforts as all these have combinations.
        kept: (c,) codes that pass the first stage.
        compared: (s,) sketches that pass the second.

    Returns:
        (r, c, s, q).
    """
    queries, neighbours = needs.reach.shape
    by_reach = (needs.reach[:, None] <= reaches[:, None]).astype(np.float32)
    by_codes = needs.codes[:, None] <= kept[:, None]
    by_sketches = needs.sketches[:, None] <= compared[:, None]
    by_both = (by_codes[:, :, None] & by_sketches[:, None]).astype(np.float32)
    # A product of matrices per query counts the neighbours found: whole numbers, so nothing is rounded.
    found = by_reach @ by_both.reshape(queries, -1, neighbours).transpose(0, 2, 1)
    found /= np.float32(neighbours)
    return np.ascontiguousarray(found.transpose(1, 2, 0)).reshape(len(reaches), len(kept), -1, queries)


def _by_others(cost: NDArray[np.float64], shares: NDArray[np.float32], levels: int) -> NDArray[np.float64]:
    """Measure each query with the efforts that are chosen without it.

    Args:
        cost: (r, c, s) of each effort; see ``_rising``.
        shares: (r, c, s, q), the share of each query's true neighbours that an effort finds.
        levels: for how many levels of recall an effort was chosen.

    Returns:
        (levels, q), the share found with the effort for each level.
    """
    queries = shares.shape[3]
    found = np.zeros((levels, queries))
    total = shares.sum(axis=3, dtype=np.float64)
    for part in range(_PARTS):
        own = np.arange(part, queries, _PARTS)
        others = (total - shares[..., own].sum(axis=3, dtype=np.float64)) / (queries - len(own))
        chosen = _rising(cost, others)
        for level in range(levels if chosen else 0):
            found[level, own] = shares[chosen[min(level, len(chosen) - 1)]][own]
    return found


def _rising(cost: NDArray[np.float64], recall: NDArray[np.float64]) -> list[tuple[int, ...]]:
    """Choose an effort for each level of recall, none of which does less of anything than the one before.

    If each were the cheapest for its level, a higher wish could visit fewer buckets or keep fewer codes, and
    so find less among rows that are not like those measured.

    Args:
        cost: (r, c, s) of each effort, ascending along each axis; infinite if it is not to be chosen.
        recall: (r, c, s).

    Returns:
        The place of the effort for each level, as far as there is one. Their costs, each in units of the
        least that its level can cost, have the least sum.
    """
    sums: list[NDArray[np.float64]] = []
    before = np.zeros_like(cost)  # the least sum with an effort for the last level that does no more
    for level in _LEVELS:
        fitting = np.where(recall >= level, cost, np.inf)
        if np.isinf(fitting.min()):  # out of reach, or dearer than a scan
            break
        sums.append(before + fitting / fitting.min())
        before = sums[-1].copy()
        for axis in range(before.ndim):
            np.minimum.accumulate(before, axis=axis, out=before)
    chosen: list[tuple[int, ...]] = []
    largest = tuple(np.array(cost.shape) - 1)
    for total in reversed(sums):
        allowed = total[tuple(slice(0, most + 1) for most in largest)]
        largest = tuple(int(place) for place in np.unravel_index(allowed.argmin(), allowed.shape))
        chosen.append(largest)
    return chosen[::-1]


def _steps(needed: NDArray[_Number], count: int) -> NDArray[_Number]:
    """Up to ``count`` values of a need that are worth trying: its quantiles, ever closer to the largest."""
    shares = 1 - np.geomspace(0.6, 1 / needed.size, count)
    return np.unique(np.quantile(needed, shares, method="higher").astype(needed.dtype))
