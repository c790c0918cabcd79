"""How far a walk over all pairs goes: limits that find the wanted share of them, and a measure of that share.

Limits are chosen by pairs that a generous search finds for some rows. Where few rows have a neighbour within
the radius, each row's nearest neighbours beyond are moved towards it until they lie on the radius: such pairs
differ in the directions in which neighbours differ, and are as hard to find as any pair that counts.

How many pairs those limits find is then measured against an exact scan for some of these rows. Rows for
which the search found a pair are scanned for more often than others, most of which have none, and count for
less.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.index import tuning
from lookalike.index.pair_tables import Needs, PairTables
from lookalike.index.pairs import TWO_SIDED_90, Asked, PairRecall

if TYPE_CHECKING:
    from lookalike.kernels.pairs import Limits

_SEARCHED, _NEIGHBOURS = 1024, 100  # rows that are searched for, and for how many neighbours each
_ENOUGH = 64  # rows with pairs that say enough about pairs, so that none are made
_MADE = 3  # pairs made of each row
_PAIRS = 4096  # by which limits are chosen, at most
_SCANNED = 128  # rows that are scanned for, of those with a pair and of those without
_SCANNED_AT_ONCE = 32
_PARTNERS = 32  # of a row that are looked at; of more they are drawn
_TRIED = 64  # rows that tell what a walk costs


class _Sample(NamedTuple):
    """Rows that were searched for, and pairs to choose limits by.

    Attributes:
        places: (r,) of the rows among all.
        having: (r,) bool, whether a pair was found for the row.
        needs: of the pairs.
    """

    places: NDArray[np.int64]
    having: NDArray[np.bool_]
    needs: Needs


def choose(tables: PairTables, asked: Asked, random: np.random.Generator) -> tuple[Limits, PairRecall] | None:
    """Choose limits.

    Args:
        tables: the rows.
        asked: for what pairs.
        random: draws the rows that are looked at.

    Returns:
        The limits, and what share of the pairs they find. None if a scan is cheaper than a walk with them, or
        if there are no pairs to choose by.
    """
    sample = _searched(tables, asked.radius, random)
    if not len(sample.needs.reach):
        return None
    doubt = TWO_SIDED_90 * math.sqrt(asked.recall * (1 - asked.recall) / len(sample.places))
    limits = _limits(sample.needs, min(1.0, asked.recall + doubt), asked.radius)
    if _is_dear(tables, sample.places, limits):
        return None
    return limits, _measured(tables, sample, limits, random)


def _searched(tables: PairTables, radius: float, random: np.random.Generator) -> _Sample:
    """Search for some rows, and find what it takes to find their pairs."""
    count = len(tables.ids)
    places = random.choice(count, min(_SEARCHED, count), False)
    near = tables.near(places, min(_NEIGHBOURS + 1, count))
    others = (near.ids >= 0) & (near.ids != tables.ids[places][:, None])
    inside = others & (near.distances <= radius)
    having = inside.any(axis=1)
    used = inside
    if np.count_nonzero(having) < _ENOUGH:
        beyond = others & ~inside
        used = inside | (beyond & (np.cumsum(beyond, axis=1) <= _MADE))
    rows, columns = random.permutation(np.argwhere(used))[:_PAIRS].T
    # A row that has more neighbours within the radius than were asked for may have some on the very border.
    cut = (inside | ~others).all(axis=1) & (count > _NEIGHBOURS + 1)
    ids, far = near.ids[rows, columns], near.distances[rows, columns]
    firsts, seconds = tables.vectors(places[rows]), tables.vectors(tables.places(ids))
    moved = ((far > radius) | cut[rows]) & (far > 0)
    seconds[moved] = tables.moved(firsts[moved], seconds[moved], far[moved], radius)
    turned = tables.ids[places[rows]] > ids
    firsts[turned], seconds[turned] = seconds[turned], firsts[turned]
    return _Sample(places, having, tables.needs(firsts, seconds))


def _limits(needs: Needs, share: float, radius: float) -> Limits:
    """The limits, equally strict in all three respects, within which a share of some pairs lies."""
    ranks = np.max([np.searchsorted(np.sort(need), need, side="right") for need in needs], axis=0)
    rank = np.sort(ranks)[math.ceil(share * len(ranks)) - 1] - 1
    reach, code, sketch = (np.sort(need)[rank] for need in needs)
    return kernels.pairs.Limits(float(reach), int(code), int(sketch), radius)


def _is_dear(tables: PairTables, places: NDArray[np.int64], limits: Limits) -> bool:
    """Whether a walk over the rows at some places costs more than a scan."""
    rows = min(_TRIED, len(places))
    found, work = tables.visit(places[:rows], limits)
    while found is None:
        rows //= 2
        found, work = tables.visit(places[:rows], limits)
    # Of a pair, only the side with the smaller id is scanned for.
    return tuning.cost_of(work, tables.dim) > tuning.cost_of_scan(len(tables.ids), tables.dim) * rows / 2


def _measured(tables: PairTables, sample: _Sample, limits: Limits, random: np.random.Generator) -> PairRecall:
    """Measure what share of the true pairs of some rows of a sample lies within limits."""
    found = true = 0.0
    pairs = rows = having = 0
    for kind in (sample.places[sample.having], sample.places[~sample.having]):
        some = random.permutation(kind)[:_SCANNED]
        rows += len(some)
        for start in range(0, len(some), _SCANNED_AT_ONCE):
            part = some[start : start + _SCANNED_AT_ONCE]
            weights, within, counts = _pairs_of(tables, part, limits, random)
            weights *= len(kind) / len(some)
            found, true = found + float(weights[within].sum()), true + float(weights.sum())
            pairs, having = pairs + int(counts.sum()), having + int(np.count_nonzero(counts))
    return PairRecall.of(found / true if true else 0.0, pairs, rows, having)


def _pairs_of(
    tables: PairTables, places: NDArray[np.int64], limits: Limits, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Scan for the rows at (r,) places.

    Returns:
        For each of some of their pairs, how many it stands for, (n,), and whether it lies within limits,
        (n,); and how many pairs each row has, (r,).
    """
    ranges = tables.scan(places, limits.radius)
    own = np.repeat(places, np.diff(ranges.starts))
    others = tables.places(ranges.ids)
    own, others = own[others != own], others[others != own]
    counts = np.array([np.count_nonzero(own == place) for place in places])
    order = random.permutation(len(own))
    order = order[np.argsort(own[order], kind="stable")]
    starts = np.searchsorted(own[order], own[order])
    drawn = order[np.arange(len(order)) - starts < _PARTNERS]
    size = dict(zip(places.tolist(), counts.tolist(), strict=True))
    weights = np.array([max(1.0, size[place] / _PARTNERS) for place in own[drawn].tolist()])
    lower, upper = np.minimum(own, others)[drawn], np.maximum(own, others)[drawn]
    within = tables.needs(tables.vectors(lower), tables.vectors(upper)).within(limits)
    return weights, within, counts
