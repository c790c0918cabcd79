"""Distances: one table from name to formula.

Each metric has two faces. ``screen`` is fast (matrix products where the formula allows) and says how far off
it may be; ``exact`` evaluates the definition in float64. A search screens everything and then settles the
few near the border exactly, so its answers do not depend on block sizes or on the linear algebra library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors, unit_rows

DEFAULT_POWER = 3.0
_EPSILON = float(np.finfo(np.float32).eps)
_SMALLEST = float(np.finfo(np.float32).smallest_normal)
_ELEMENTS_AT_ONCE = 1 << 20  # of a temporary |query - row| block: it should stay in a core's cache

Floats = NDArray[np.float64]


class Screen(NamedTuple):
    """Scores that grow with the distance, each at most ``absolute[q] + relative * score`` off.

    Attributes:
        scores: (q, n) float32 or float64; the distance, for euclidean its square.
        absolute: (q,) float64.
        relative: a share of the score.
    """

    scores: NDArray[np.floating]
    absolute: Floats
    relative: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A way to measure distance.

    Attributes:
        name: one of ``METRICS``.
        power: the exponent of ``minkowski``; no meaning for the others.
    """

    name: str
    power: float = DEFAULT_POWER

    def __str__(self) -> str:
        # All digits of the exponent, since an index file keeps its metric as this text.
        return f"{self.name}:{self.power!r}".removesuffix(".0") if self.name == "minkowski" else self.name

    def prepare(self, vectors: Vectors) -> Vectors:
        """Bring (n, dim) vectors into the form that ``exact`` and ``screen`` take: unit rows for cosine."""
        return unit_rows(vectors) if self.name == "cosine" else vectors

    def exact(self, query: NDArray[np.floating], rows: NDArray[np.floating]) -> Floats:
        """Distances by definition, in float64.

        Args:
            query: (dim,) float32 or float64, prepared.
            rows: (n, dim) float32 or float64, prepared.

        Returns:
            (n,) float64; 0 for a row equal to the query. Cosine distance from or to zeros is 1.
        """
        return _EXACT[self.name](query.astype(np.float64), rows.astype(np.float64), self.power)

    def screen(self, queries: Vectors, rows: Vectors) -> Screen:
        """Fast approximate distances, and how wrong they may be.

        Args:
            queries: (q, dim) float32, prepared.
            rows: (n, dim) float32, prepared.
        """
        return _SCREEN[self.name](queries, rows, self.power)

    def score(self, distance: float) -> float:
        """The score that ``screen`` gives a distance."""
        return distance**2 if self.name == "euclidean" else distance


def parse_metric(text: str | Metric) -> Metric:
    """Read a metric as people write it: a name, or ``minkowski:P`` with an exponent P from 1 to 20.

    Raises:
        UsageError: not a known metric.
    """
    name, colon, power = str(text).strip().lower().partition(":")
    if name in METRICS and not colon:
        return Metric(name)
    if name == "minkowski" and re.fullmatch(r"[0-9]+(\.[0-9]+)?", power) and 1 <= float(power) <= 20:
        return Metric(name, float(power))
    raise UsageError(
        f"unknown metric {text!r}; use one of {', '.join(METRICS)}, or minkowski:P with P from 1 to 20"
    )


def _exact_cosine(query: Floats, rows: Floats, _: float) -> Floats:
    # 1 - cos(a, b) = |a/|a| - b/|b||² / 2, which unlike the dot product is exactly 0 for equal vectors.
    # Both lengths are added up in the same order, or equal vectors might come out 1e-17 apart.
    query_length, row_lengths = np.linalg.norm(query[None], axis=1)[0], np.linalg.norm(rows, axis=1)
    defined = (row_lengths > 0) & (query_length > 0)
    difference = rows / np.where(defined, row_lengths, 1)[:, None] - query / (query_length or 1)
    return np.asarray(np.where(defined, np.einsum("ij,ij->i", difference, difference) / 2, 1.0))


def _exact_euclidean(query: Floats, rows: Floats, _: float) -> Floats:
    difference = rows - query
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", difference, difference)))


def _exact_manhattan(query: Floats, rows: Floats, _: float) -> Floats:
    return np.asarray(np.abs(rows - query).sum(axis=1))


def _exact_minkowski(query: Floats, rows: Floats, power: float) -> Floats:
    return _power_mean(np.abs(rows - query), power)


def _power_mean(differences: Floats, power: float) -> Floats:
    """(sum of d ** power) ** (1 / power) of each row, scaled by its largest d lest a power overflow."""
    largest = differences.max(axis=1, initial=0)
    scaled = differences / np.where(largest > 0, largest, 1)[:, None]
    return np.asarray(largest * (scaled**power).sum(axis=1) ** (1 / power))


def _exact_hamming(query: Floats, rows: Floats, _: float) -> Floats:
    return np.asarray(((rows > 0) != (query > 0)).sum(axis=1), np.float64)


def _screen_cosine(queries: Vectors, rows: Vectors, _: float) -> Screen:
    absolute = np.full(len(queries), 2 * queries.shape[1] * _EPSILON)
    return Screen(1 - queries @ rows.T, absolute, 0.0)


def _screen_euclidean(queries: Vectors, rows: Vectors, _: float) -> Screen:
    query_squares = np.einsum("ij,ij->i", queries, queries)
    row_squares = np.einsum("ij,ij->i", rows, rows)
    scores = query_squares[:, None] + row_squares - 2 * (queries @ rows.T)
    largest = query_squares.astype(np.float64) + row_squares.max(initial=0)
    # Squares below the smallest normal float32 may have been rounded to 0.
    return Screen(scores, 2 * queries.shape[1] * (_EPSILON * largest + 2 * _SMALLEST), 0.0)


def _screen_manhattan(queries: Vectors, rows: Vectors, _: float) -> Screen:
    return _screen_by_differences(queries, rows, lambda differences: differences.sum(axis=1))


def _screen_minkowski(queries: Vectors, rows: Vectors, power: float) -> Screen:
    return _screen_by_differences(
        queries, rows, lambda differences: _power_mean(differences.astype(np.float64), power)
    )


def _screen_by_differences(
    queries: Vectors, rows: Vectors, length: Callable[[Vectors], NDArray[np.floating]]
) -> Screen:
    scores = np.empty((len(queries), len(rows)))
    step = max(1, _ELEMENTS_AT_ONCE // queries.shape[1])
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        for place, query in enumerate(queries):
            scores[place, start : start + step] = length(np.abs(block - query))
    # All terms are positive, so rounding is relative; 32 covers the differences' own rounding.
    return Screen(scores, np.zeros(len(queries)), (queries.shape[1] + 32) * _EPSILON)


def _screen_hamming(queries: Vectors, rows: Vectors, _: float) -> Screen:
    # With signs as ±1 the product counts agreements minus differences; small whole numbers are exact.
    one = np.float32(1)
    agreement = np.where(queries > 0, one, -one) @ np.where(rows > 0, one, -one).T
    return Screen((queries.shape[1] - agreement) / 2, np.zeros(len(queries)), 0.0)


_EXACT: dict[str, Callable[[Floats, Floats, float], Floats]] = {
    "cosine": _exact_cosine,
    "euclidean": _exact_euclidean,
    "manhattan": _exact_manhattan,
    "minkowski": _exact_minkowski,
    "hamming": _exact_hamming,
}
_SCREEN: dict[str, Callable[[Vectors, Vectors, float], Screen]] = {
    "cosine": _screen_cosine,
    "euclidean": _screen_euclidean,
    "manhattan": _screen_manhattan,
    "minkowski": _screen_minkowski,
    "hamming": _screen_hamming,
}
METRICS = tuple(_EXACT)
