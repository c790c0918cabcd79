"""How complete one query's answer probably is, from how far its neighbours lie within what was searched.

A neighbour is lost if its bucket lies beyond the reach, or if its code or its sketch scores too badly. The
scores of rows that are equally far from a query scatter. So if those of the nearest rows found lie close to
the border that others did not pass, about as many lie beyond it; if they lie far within, hardly any does.
Three *gaps* say how far:

- of the buckets: the mean share of the reach that was not needed, 0 to 1;
- of the codes, and of the sketches: how much larger the root of the border is than the mean root of the
  scores. The border lies halfway between two whole numbers, below the first score that did not pass. A score
  adds up over the bits that differ, so its variance grows with it, and that of its root hardly does; near 0
  only if 3/8 are added first (Anscombe, "The transformation of Poisson, binomial and negative-binomial data",
  Biometrika 1948). Among near copies of the query most scores are near 0.

The chance of a neighbour to pass a stage is taken to be a logistic function of its gap, and its chance to be
found to be the product of the three. ``index.estimate`` fits these functions to each index.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels import heap
from lookalike.kernels.bits import CODE_WORDS, SKETCH_BITS
from lookalike.kernels.costs import Costs, cost_of
from lookalike.kernels.patterns import LEVELS, difference
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables

STAGES = 3
NEAR_COPY = 32
"""Rows whose sketches score up to this are near copies of a query; most rows score about 550."""
_FARTHER = 1.5  # times as far at most a search reaches when it is widened; to go on is dear and finds little
LOOKED_AT = 10  # of the nearest rows found, or as many as are wanted if these are more
_WIDEST = 6.0  # gaps of scores beyond this say no more
_ALL = np.float32(1)
_ANSCOMBE, _HALFWAY = 3 / 8, 1 / 2
_ROUNDING = 1e-6  # a border that is wide enough stays where it is


class Wider(NamedTuple):
    """Where a search that is widened sets its borders, at least.

    Attributes:
        reach: float32, the most that a visited bucket may cost.
        code: up to which score of their codes rows pass.
        sketch: likewise of their sketches.
    """

    reach: np.float32
    code: int
    sketch: int


class Passed(NamedTuple):
    """The rows that one query's answer was chosen from, and what the others failed by.

    Attributes:
        slots: (n,) int32, of the rows whose distances were measured.
        scores: (n,) uint16, of their sketches.
        distances: (n,) float32.
        reach: float32, the most that a visited bucket could cost; infinite if all were visited.
        code: the first score of a code that did not pass.
        sketch: the first score of a sketch that did not pass.
        all_fresh: whether all fresh rows passed the stage of codes.
    """

    slots: NDArray[np.int32]
    scores: NDArray[np.uint16]
    distances: NDArray[np.float32]
    reach: np.float32
    code: int
    sketch: int
    all_fresh: bool


@njit(cache=True, nogil=True, error_model="numpy")
def gaps_of(
    tables: Tables,
    stored: Stored,
    costs: Costs,
    pattern: NDArray[np.uint64],
    passed: Passed,
    nearest: NDArray[np.float32],
    gaps: NDArray[np.float32],
) -> np.float32:
    """Measure the gaps of one answer.

    Args:
        tables: one hash table; of several the first is looked at.
        stored: the rows.
        costs: what the buckets cost the query.
        pattern: (4, 8) uint64, the query's; see ``patterns.pattern_of``.
        passed: what the answer was chosen from.
        nearest: (k,) float32, the distances in the answer.
        gaps: (3,) float32, filled; 0 if no row passed. The first two leave out fresh rows if all of these
            passed, and are 0 if no others are among the nearest.

    Returns:
        The share of the nearest rows that are not left out. The others had only the last stage to pass.
    """
    measured = len(passed.distances)
    gaps[:] = 0
    if measured == 0:
        return np.float32(1)
    border = _tenth(passed.distances, nearest)
    paid = by_code = by_sketch = 0.0
    count = left = 0
    for place in range(measured):
        if passed.distances[place] <= border:
            slot = passed.slots[place]
            count += 1
            by_sketch += _root(passed.scores[place])
            if slot < len(tables.rows):
                left += 1
                key = _bucket_of(tables.starts[0], slot)
                paid += float(cost_of(costs.borders[0], costs.buckets, key))
                by_code += _root(difference(tables.sketches, slot, pattern, CODE_WORDS))
            elif not passed.all_fresh:
                left += 1
                later = slot - len(tables.rows)
                by_code += _root(difference(stored.fresh, later, pattern, CODE_WORDS))
    if left > 0:
        gaps[0] = 1 - paid / left / passed.reach if passed.reach > 0 else 0
        gaps[1] = min(_root(passed.code - _HALFWAY) - by_code / left, _WIDEST)
    gaps[2] = min(_root(passed.sketch - _HALFWAY) - by_sketch / count, _WIDEST)
    return np.float32(left / count)


@njit(cache=True, nogil=True)
def recall_of(weights: NDArray[np.float32], gaps: NDArray[np.float32], left: np.float32 = _ALL) -> np.float32:
    """Estimate the recall that goes with some gaps.

    Args:
        weights: (2, 3) float32, of the logistic functions: the log odds at a gap of 0, and what a gap of 1
            adds to them.
        gaps: (3,) float32.
        left: which share of the nearest rows had all stages to pass, and not only the last.
    """
    earlier = later = 1.0
    for stage in range(STAGES):
        passing = 1 / (1 + np.exp(-np.float64(weights[0, stage] + weights[1, stage] * gaps[stage])))
        if stage < STAGES - 1:
            earlier *= passing
        else:
            later = passing
    return np.float32((left * earlier + 1 - left) * later)


@njit(cache=True, nogil=True, error_model="numpy")
def wider(weights: NDArray[np.float32], aim: float, gaps: NDArray[np.float32], passed: Passed) -> Wider:
    """Set borders with which the estimate would be ``aim`` if the nearest rows stayed the same.

    Each stage that passed neighbours with less than the third root of ``aim`` is widened by as much as its
    gap is too narrow. So the more rows score alike near a border, the more of them pass.

    Args:
        weights: see ``recall_of``.
        aim: a recall, above 0 and below 1.
        gaps: (3,) float32, of an answer.
        passed: what that was chosen from.
    """
    passing = aim ** (1 / STAGES)
    odds = np.log(passing / (1 - passing))
    missing = np.empty(STAGES)
    for stage in range(STAGES):
        missing[stage] = max((odds - weights[0, stage]) / weights[1, stage] - gaps[stage], 0.0)
    kept = 1 - np.float64(gaps[0])  # of the reach, what the neighbours needed of it
    farther = min(kept / max(kept - missing[0], 0.0), _FARTHER) if missing[0] > 0 and kept > 0 else 1.0
    code = _score_at(_root(passed.code - _HALFWAY) + missing[1])
    sketch = _score_at(_root(passed.sketch - _HALFWAY) + missing[2])
    highest = float(LEVELS * SKETCH_BITS)  # a stage that nothing tells of would be widened without end
    reach = np.float32(np.float64(passed.reach) * farther)
    return Wider(reach, int(min(code, highest)), int(min(sketch, highest)))


@njit(cache=True, nogil=True)
def _root(score: float | np.unsignedinteger[Any]) -> float:
    """Anscombe's root of a score."""
    return float(np.sqrt(np.float64(score) + _ANSCOMBE))


@njit(cache=True, nogil=True)
def _score_at(root: float) -> float:
    """The least score whose border, halfway to the next score, has at least this root."""
    return float(np.ceil(root * root - _ANSCOMBE - _HALFWAY - _ROUNDING))


@njit(cache=True, nogil=True, fastmath=True)
def square_of(margins: NDArray[np.float32]) -> np.float32:
    """The sum of squared margins, (128,) float32, of a code."""
    total = np.float32(0)
    for place in range(len(margins)):
        total += margins[place] * margins[place]
    return total


@njit(cache=True, nogil=True, fastmath=True)
def square_from(vector: NDArray[np.float32], centre: NDArray[np.float32]) -> np.float32:
    """The square of the distance between two vectors, (dim,) float32."""
    total = np.float32(0)
    for place in range(len(vector)):
        total += (vector[place] - centre[place]) * (vector[place] - centre[place])
    return total


@njit(cache=True, nogil=True)
def _tenth(measured: NDArray[np.float32], nearest: NDArray[np.float32]) -> np.float32:
    """How far the last of the measured rows is that are looked at; ``nearest`` as of ``gaps_of``."""
    if len(nearest) >= LOOKED_AT:
        return np.float32(nearest[len(nearest) - 1])
    count = min(LOOKED_AT, len(measured))
    least, places = np.empty(count, np.float32), np.empty(count, np.int64)
    for place in range(len(measured)):
        heap.push(least, places, min(place, count), measured[place], np.int64(place))
    return np.float32(least[0])


@njit(cache=True, nogil=True)
def _bucket_of(starts: NDArray[np.int64], slot: int) -> np.uint32:
    """The key of the bucket of the first table, (buckets + 1,) starts, in which a slot lies."""
    low, high = 0, len(starts) - 1  # starts[low] <= slot < starts[high]
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= slot:
            low = middle
        else:
            high = middle
    return np.uint32(low)
