"""The metrics: one row per metric, which holds everything that tells it from the others.

To add a metric, write its formulas here and add a row to ``TABLE``; nothing else changes. Every row has

- ``exact``, the definition in numpy and float64, for many rows at once;
- ``screen``, a fast approximation in numpy that says how wrong it may be, so that a scan measures exactly
  only the few rows near the border of an answer;
- ``pair``, the definition for a single row, as a plain Python loop, which ``kernels.distances`` compiles.

Compiled code is kept on disk by numba, which looks only at the file of the compiled function: after a change
here, delete ``kernels/__pycache__``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

Floats = NDArray[np.float64]

_EPSILON = float(np.finfo(np.float32).eps)
_SMALLEST = float(np.finfo(np.float32).smallest_normal)
_ELEMENTS_AT_ONCE = 1 << 20  # of a temporary |query - row| block: it should stay in a core's cache


class Screen(NamedTuple):
    """Approximate scores, which grow with the distance, and bounds on their errors.

    A score of query q is wrong by at most ``absolute[q] + relative * score``.

    Attributes:
        scores: (q, n) float32 or float64; the distance, or its square if the metric is ``squared``.
        absolute: (q,) float64.
        relative: a share of the score.
    """

    scores: NDArray[np.floating]
    absolute: Floats
    relative: float


class Formula(NamedTuple):
    """A metric's row in ``TABLE``. Every formula takes the exponent last; most have no use for it.

    Attributes:
        exact: from a query (dim,) and rows (n, dim), both float64, the distances (n,) float64.
        screen: from queries (q, dim) and rows (n, dim), both float32, a ``Screen``.
        pair: from a query (dim,) float32, rows (n, dim) float32 and the number of one row, its distance.
            The function is compiled by numba, so it may use only what numba knows.
        unit_rows: whether rows and queries are scaled to length 1 before they are stored or compared.
        squared: whether the scores of ``screen`` are squares of distances.
        product: whether ``screen`` is a matrix product, which is many times faster than a loop over rows.
        takes_power: whether the metric has an exponent, which people write as ``name:P``.
    """

    exact: Callable[[Floats, Floats, float], Floats]
    screen: Callable[[Vectors, Vectors, float], Screen]
    pair: Callable[[Vectors, Vectors, int, float], float]
    unit_rows: bool = False
    squared: bool = False
    product: bool = True
    takes_power: bool = False


def _exact_cosine(query: Floats, rows: Floats, _: float) -> Floats:
    # 1 - cos(a, b) = |a/|a| - b/|b||² / 2, which unlike the dot product is exactly 0 for equal vectors.
    # Both lengths are added up in the same order, or equal vectors might come out 1e-17 apart.
    query_length, row_lengths = _lengths(query[None])[0], _lengths(rows)
    lengths = np.where(row_lengths > 0, row_lengths, 1)
    distances = distances_of_units(query / (query_length or 1), rows / lengths[:, None])
    if not query_length or not row_lengths.all():
        distances[(row_lengths == 0) | (query_length == 0)] = 1
    return distances


def units(rows: Floats) -> Floats:
    """Rows, (n, dim) float64 and none of them zero, at length 1."""
    return rows / _lengths(rows)[:, None]


def unit(query: Floats) -> Floats:
    """The same for one vector, (dim,) float64: equal vectors become equal units, to the last bit."""
    return query / math.sqrt(np.vecdot(query, query))


def distances_of_units(query: Floats, rows: Floats) -> Floats:
    """Cosine distances of vectors that have length 1.

    Args:
        query: (dim,) float64, of ``unit``.
        rows: (n, dim) float64, of ``units``; overwritten.

    Returns:
        (n,) float64; 0 for a row equal to the query.
    """
    rows -= query
    return np.asarray(np.vecdot(rows, rows) / 2)


def _lengths(rows: Floats) -> Floats:
    return np.asarray(np.sqrt(np.vecdot(rows, rows)))


def _screen_cosine(queries: Vectors, rows: Vectors, _: float) -> Screen:
    return Screen(1 - queries @ rows.T, np.full(len(queries), error_of_product(queries.shape[1])), 0.0)


def error_of_product(dim: int) -> float:
    """How wrong a product of two vectors, (dim,) float32 of length 1, may be that is computed in float32."""
    return 2 * dim * _EPSILON


def _pair_cosine(query: Vectors, rows: Vectors, row: int, _: float) -> float:
    # |a/|a| - b/|b||² / 2 = (|a - b|² - (|a| - |b|)²) / (2 |a| |b|), which is exactly 0 for equal vectors.
    apart = query_square = row_square = 0.0
    for place in range(len(query)):
        left, right = np.float64(query[place]), np.float64(rows[row, place])
        apart += (left - right) * (left - right)
        query_square += left * left
        row_square += right * right
    if query_square == 0 or row_square == 0:
        return 1.0
    lengths = np.sqrt(query_square) - np.sqrt(row_square)
    return float(max(0.0, (apart - lengths * lengths) / (2 * np.sqrt(query_square * row_square))))


def _exact_euclidean(query: Floats, rows: Floats, _: float) -> Floats:
    difference = rows - query
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", difference, difference)))


def _screen_euclidean(queries: Vectors, rows: Vectors, _: float) -> Screen:
    query_squares = np.einsum("ij,ij->i", queries, queries)
    row_squares = np.einsum("ij,ij->i", rows, rows)
    scores = query_squares[:, None] + row_squares - 2 * (queries @ rows.T)
    largest = query_squares.astype(np.float64) + row_squares.max(initial=0)
    # Squares below the smallest normal float32 may have been rounded to 0.
    return Screen(scores, 2 * queries.shape[1] * (_EPSILON * largest + 2 * _SMALLEST), 0.0)


def _pair_euclidean(query: Vectors, rows: Vectors, row: int, _: float) -> float:
    total = 0.0
    for place in range(len(query)):
        difference = np.float64(query[place]) - np.float64(rows[row, place])
        total += difference * difference
    return float(np.sqrt(total))


def _exact_manhattan(query: Floats, rows: Floats, _: float) -> Floats:
    return np.asarray(np.abs(rows - query).sum(axis=1))


def _screen_manhattan(queries: Vectors, rows: Vectors, _: float) -> Screen:
    return _screen_by_differences(queries, rows, lambda differences: differences.sum(axis=1))


def _pair_manhattan(query: Vectors, rows: Vectors, row: int, _: float) -> float:
    total = 0.0
    for place in range(len(query)):
        total += abs(np.float64(query[place]) - np.float64(rows[row, place]))
    return float(total)


def _exact_minkowski(query: Floats, rows: Floats, power: float) -> Floats:
    return _power_mean(np.abs(rows - query), power)


def _screen_minkowski(queries: Vectors, rows: Vectors, power: float) -> Screen:
    return _screen_by_differences(
        queries, rows, lambda differences: _power_mean(differences.astype(np.float64), power)
    )


def _pair_minkowski(query: Vectors, rows: Vectors, row: int, power: float) -> float:
    # In units of the largest difference, so that no power is too large or too small for a float64.
    largest = 0.0
    for place in range(len(query)):
        largest = max(largest, abs(np.float64(query[place]) - np.float64(rows[row, place])))
    if largest == 0:
        return 0.0
    total = 0.0
    for place in range(len(query)):
        total += (abs(np.float64(query[place]) - np.float64(rows[row, place])) / largest) ** power
    return float(largest * total ** (1 / power))


def _power_mean(differences: Floats, power: float) -> Floats:
    """(sum of d ** power) ** (1 / power) of each row, scaled by its largest d lest a power overflow."""
    largest = differences.max(axis=1, initial=0)
    scaled = differences / np.where(largest > 0, largest, 1)[:, None]
    return np.asarray(largest * (scaled**power).sum(axis=1) ** (1 / power))


def _screen_by_differences(
    queries: Vectors, rows: Vectors, length: Callable[[Vectors], NDArray[np.floating]]
) -> Screen:
    """Screen one query at a time, by ``length`` of the (n, dim) absolute differences."""
    scores = np.empty((len(queries), len(rows)))
    step = max(1, _ELEMENTS_AT_ONCE // queries.shape[1])
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        for place, query in enumerate(queries):
            scores[place, start : start + step] = length(np.abs(block - query))
    # All terms are positive, so rounding is relative; 32 covers the differences' own rounding.
    return Screen(scores, np.zeros(len(queries)), (queries.shape[1] + 32) * _EPSILON)


def _exact_hamming(query: Floats, rows: Floats, _: float) -> Floats:
    return np.asarray(((rows > 0) != (query > 0)).sum(axis=1), np.float64)


def _screen_hamming(queries: Vectors, rows: Vectors, _: float) -> Screen:
    # With signs as ±1 the product counts agreements minus differences; small whole numbers are exact.
    one = np.float32(1)
    agreement = np.where(queries > 0, one, -one) @ np.where(rows > 0, one, -one).T
    return Screen((queries.shape[1] - agreement) / 2, np.zeros(len(queries)), 0.0)


def _pair_hamming(query: Vectors, rows: Vectors, row: int, _: float) -> float:
    total = 0
    for place in range(len(query)):
        total += (query[place] > 0) != (rows[row, place] > 0)
    return float(total)


TABLE: dict[str, Formula] = {
    "cosine": Formula(_exact_cosine, _screen_cosine, _pair_cosine, unit_rows=True),
    "euclidean": Formula(_exact_euclidean, _screen_euclidean, _pair_euclidean, squared=True),
    "manhattan": Formula(_exact_manhattan, _screen_manhattan, _pair_manhattan, product=False),
    "minkowski": Formula(
        _exact_minkowski, _screen_minkowski, _pair_minkowski, product=False, takes_power=True
    ),
    "hamming": Formula(_exact_hamming, _screen_hamming, _pair_hamming),
}
