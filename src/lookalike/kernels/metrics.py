"""A metric as callers name it; its formulas are a row in ``kernels.formulas.TABLE``.

A scan screens all rows by the fast formula and measures the few near the border by the exact one, so its
answers do not depend on block sizes or on the linear algebra library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.kernels.formulas import TABLE, Floats, Formula, Screen

METRICS = tuple(TABLE)
"""Names of all metrics. A metric's place here is the code by which compiled functions know it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A way to measure distance.

    Attributes:
        name: one of ``METRICS``.
        power: the exponent of ``minkowski``; the other metrics pass it over.
    """

    name: str
    power: float = 3.0

    def __str__(self) -> str:
        # All digits of the exponent, since an index file keeps its metric as this text.
        known = TABLE.get(self.name)
        return f"{self.name}:{self.power!r}".removesuffix(".0") if known and known.takes_power else self.name

    @property
    def formula(self) -> Formula:
        """The metric's row in the table of formulas."""
        return TABLE[self.name]

    @property
    def code(self) -> int:
        """The number by which compiled functions know the metric: its place in ``METRICS``."""
        return METRICS.index(self.name)

    def prepare(self, vectors: Vectors) -> Vectors:
        """Bring vectors, (n, dim) float32, into the form that ``exact`` and ``screen`` take.

        Returns:
            (n, dim) float32; scaled to length 1 for cosine, unchanged for the other metrics.
        """
        return unit_rows(vectors) if self.formula.unit_rows else vectors

    def exact(self, query: NDArray[np.floating], rows: NDArray[np.floating]) -> Floats:
        """Measure distances by definition, in float64.

        Args:
            query: (dim,) float32 or float64, prepared.
            rows: (n, dim) float32 or float64, prepared.

        Returns:
            (n,) float64; 0 for a row equal to the query. Cosine distance from or to zeros is 1.
        """
        return self.formula.exact(query.astype(np.float64), rows.astype(np.float64), self.power)

    def screen(self, queries: Vectors, rows: Vectors) -> Screen:
        """Approximate distances fast, and bound the error.

        Args:
            queries: (q, dim) float32, prepared.
            rows: (n, dim) float32, prepared.
        """
        return self.formula.screen(queries, rows, self.power)

    def score(self, distance: float) -> float:
        """The score that ``screen`` gives a distance: its square for euclidean, else the distance itself."""
        return distance**2 if self.formula.squared else distance


def parse_metric(text: str | Metric) -> Metric:
    """Read a metric as people write it: a name, or ``minkowski:P`` with an exponent P from 1 to 20.

    Raises:
        UsageError: not a known metric.
    """
    name, colon, power = str(text).strip().lower().partition(":")
    if name in TABLE and not colon:
        return Metric(name)
    with_power = name in TABLE and TABLE[name].takes_power and re.fullmatch(r"[0-9]+(\.[0-9]+)?", power)
    if with_power and 1 <= float(power) <= 20:
        return Metric(name, float(power))
    raise UsageError(
        f"unknown metric {text!r}; use one of {', '.join(METRICS)}, or minkowski:P with P from 1 to 20"
    )
