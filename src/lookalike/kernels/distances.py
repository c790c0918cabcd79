"""Distances by definition, one pair at a time: ``metrics.Metric.exact`` for compiled callers."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.metrics import METRICS

_COSINE, _EUCLIDEAN, _MANHATTAN, _MINKOWSKI, _HAMMING = (
    METRICS.index(name) for name in ("cosine", "euclidean", "manhattan", "minkowski", "hamming")
)


@njit(cache=True, nogil=True)
def distance(
    metric: int, power: float, query: NDArray[np.float32], rows: NDArray[np.float32], row: int
) -> float:
    """The distance between a vector and a row, computed in float64.

    Args:
        metric: place of the metric's name in ``METRICS``.
        power: the exponent of minkowski.
        query: (dim,) float32.
        rows: (n, dim) float32.
        row: which of them.
    """
    if metric == _COSINE:
        return _cosine(query, rows, row)
    if metric == _EUCLIDEAN:
        return float(np.sqrt(_squares(query, rows, row)))
    if metric == _MANHATTAN:
        return _absolutes(query, rows, row)
    if metric == _HAMMING:
        return _signs(query, rows, row)
    return _powers(query, rows, row, power)


@njit(cache=True, nogil=True, fastmath=True)
def _squares(query: NDArray[np.float32], rows: NDArray[np.float32], row: int) -> float:
    total = 0.0
    for place in range(len(query)):
        difference = np.float64(query[place]) - np.float64(rows[row, place])
        total += difference * difference
    return float(total)


@njit(cache=True, nogil=True, fastmath=True)
def _cosine(query: NDArray[np.float32], rows: NDArray[np.float32], row: int) -> float:
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


@njit(cache=True, nogil=True, fastmath=True)
def _absolutes(query: NDArray[np.float32], rows: NDArray[np.float32], row: int) -> float:
    total = np.float64(0)
    for place in range(len(query)):
        total += abs(np.float64(query[place]) - np.float64(rows[row, place]))
    return float(total)


@njit(cache=True, nogil=True)
def _signs(query: NDArray[np.float32], rows: NDArray[np.float32], row: int) -> float:
    total = 0
    for place in range(len(query)):
        total += (query[place] > 0) != (rows[row, place] > 0)
    return np.float64(total)


@njit(cache=True, nogil=True)
def _powers(query: NDArray[np.float32], rows: NDArray[np.float32], row: int, power: float) -> float:
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
