"""A scan for one query per call: what does not depend on the query is prepared once.

Among a few hundred rows the arithmetic takes some 20 µs; the rest of the time goes into the overhead of
numpy's calls, so there are few of them. Numba would have to be loaded first, which takes as long as several
thousand of these scans.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.index.base import Neighbors, Work
from lookalike.index.rows import Block, Rows
from lookalike.kernels.arrays import LARGEST_VALUE, Ids, Vectors
from lookalike.kernels.formulas import Floats, distances_of_units, error_of_product, unit, units
from lookalike.kernels.metrics import Metric

FLOAT32 = np.dtype(np.float32)
_UNITS_KEPT = 1 << 20  # components: 8 MiB of float64
_LARGEST_SQUARE = LARGEST_VALUE**2

_Found = tuple[Ids, NDArray[np.float32]]


class _Part(NamedTuple):
    """A block of rows that are all alive.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32.
        units: the rows as ``formulas.units`` makes them, (n, dim) float64; None if they would take much
            memory, a row is zero, or the metric does not compare directions.
    """

    ids: Ids
    vectors: Vectors
    units: Floats | None


class _Prepared(NamedTuple):
    """What all scans of some rows have in common, until a row comes or goes."""

    rows: Rows
    size: int
    parts: list[_Part]
    work: Work


class LoneScan:
    """Scans rows by one metric for one query per call; any number of threads may call it."""

    def __init__(self, metric: Metric) -> None:
        """Begin with nothing prepared."""
        self._metric, self._scales = metric, metric.formula.unit_rows
        self._prepared: _Prepared | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return LoneScan, (self._metric,)

    def search(self, rows: Rows, queries: ArrayLike, k: object) -> Neighbors | None:
        """Find the k nearest of all rows, exactly.

        Args:
            rows: prepared for the metric.
            queries: as the caller gave them.
            k: how many neighbours, likewise.

        Returns:
            What ``exact.scan`` finds for a batch of this one query. None if that has to be asked: there is
            another number of queries, they are not float32, zero or refused; there are no rows, dead ones or
            ones of float16.
        """
        if not is_lone(queries, rows.dim) or type(k) is not int or k < 1:
            return None
        prepared = self._prepared
        if prepared is None or prepared.rows is not rows or prepared.size != rows.size or rows.dead:
            prepared = self._prepare(rows)
            if prepared is None:
                return None
        query: Vectors = np.asarray(queries).reshape(-1)
        wide = query.astype(np.float64)
        square = float(np.vecdot(wide, wide))
        if not 0 < square <= _LARGEST_SQUARE:  # NaN compares false with everything
            return None
        if self._scales:
            query = (wide / math.sqrt(square)).astype(np.float32)
        found = [self._near(query, part, k) for part in prepared.parts]
        ids, distances = found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))
        order = np.lexsort((ids, distances))[:k]
        ids, distances = ids[order].reshape(1, -1), distances[order].reshape(1, -1)
        if len(order) < k:
            padding = ((0, 0), (0, k - len(order)))
            ids = np.pad(ids, padding, constant_values=-1)
            distances = np.pad(distances, padding, constant_values=np.inf)
        return Neighbors(ids, distances, prepared.work, np.ones(1, np.float32))

    def _near(self, query: Vectors, part: _Part, k: int) -> _Found:
        """Ids and distances of the rows of a part that could be among the k nearest to a query, (dim,)."""
        if part.units is not None:
            return _near_units(query, part, part.units, k)
        scores, absolute, relative = self._metric.screen(query[None], part.vectors)
        scores = scores[0]
        places = np.arange(len(scores))
        if k < len(scores):
            border = np.partition(scores, k - 1)[k - 1] * (1 + 2 * relative) + 2 * absolute[0]
            places = np.flatnonzero(scores <= border)
        return part.ids[places], self._metric.exact(query, part.vectors[places]).astype(np.float32)

    def _prepare(self, rows: Rows) -> _Prepared | None:
        """Prepare scans of some rows, and keep that; None if they have to be asked otherwise."""
        if rows.dead or rows.main.vectors.dtype != np.float32:
            return None
        parts = [self._part(block) for block in (rows.main, rows.tail) if len(block.ids)]
        size = sum(len(part.ids) for part in parts)
        if not parts or size != rows.size:  # rows are just being added
            return None
        self._prepared = _Prepared(rows, size, parts, Work(distances=size))
        return self._prepared

    def _part(self, block: Block) -> _Part:
        few = self._scales and block.vectors.size <= _UNITS_KEPT
        kept = few and bool(block.vectors.any(axis=1).all())
        return _Part(block.ids, block.vectors, units(block.vectors.astype(np.float64)) if kept else None)


def is_lone(queries: ArrayLike, dim: int) -> TypeGuard[Vectors]:
    """Whether queries are one, of float32: an array of shape (1, dim) or (dim,)."""
    if type(queries) is not np.ndarray or queries.dtype != FLOAT32:
        return False
    return bool(queries.shape in ((1, dim), (dim,)))


def _near_units(query: Vectors, part: _Part, kept: Floats, k: int) -> _Found:
    """As ``LoneScan._near``, by products: a larger one is a smaller distance."""
    products = part.vectors @ query
    if k < len(products):
        border = np.partition(products, -k)[-k] - 2 * error_of_product(len(query))
        places = (products >= border).nonzero()[0]
    else:
        places = np.arange(len(products))
    distances = distances_of_units(unit(query.astype(np.float64)), kept.take(places, 0))
    return part.ids[places], distances.astype(np.float32)
