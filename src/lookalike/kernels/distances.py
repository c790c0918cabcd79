"""Compiled distances between one pair of vectors: the ``pair`` formulas of ``kernels.formulas``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from numba import njit

from lookalike.kernels.arrays import Vectors
from lookalike.kernels.formulas import TABLE, Formula


class Ranking(NamedTuple):
    """How to measure distance, as the compiled functions take it.

    Attributes:
        metric: the metric's place in ``kernels.metrics.METRICS``.
        power: the exponent, for a metric that takes one.
    """

    metric: int
    power: float


def _choosing(formulas: Sequence[Formula], code: int = 0) -> Any:
    """Compile a function that chooses among the formulas from place ``code`` on by a metric's number.

    numba cannot pick a function from a tuple at run time, so each formula is wrapped in a comparison that
    passes on what is not its own. The innermost takes whatever is left. The wrappers are inlined: as calls
    they made the search of a batch 3 % slower.
    """
    pair = njit(nogil=True, fastmath=True)(formulas[code].pair)
    if code == len(formulas) - 1:

        @njit(nogil=True, inline="always")
        def last(ranking: Ranking, query: Vectors, rows: Vectors, row: int) -> float:
            return float(pair(query, rows, row, ranking.power))

        return last
    others = _choosing(formulas, code + 1)

    @njit(nogil=True, inline="always")
    def chosen(ranking: Ranking, query: Vectors, rows: Vectors, row: int) -> float:
        if ranking.metric == code:
            return float(pair(query, rows, row, ranking.power))
        return float(others(ranking, query, rows, row))

    return chosen


distance = _choosing(tuple(TABLE.values()))
"""``distance(ranking, query, rows, row)``: how far a row is from a query, computed in float64.

``ranking`` is a ``Ranking``, ``query`` (dim,) float32 or float64, ``rows`` (n, dim) float32, ``row`` the
number of one of them. If a query is measured against many rows, float64 saves turning its numbers into such
again and again. (A view of the row would cost more, in reference counts, than some of the formulas.)
"""
