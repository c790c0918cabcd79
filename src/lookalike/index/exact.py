"""Exact search by comparing every query with every row: the baseline for all other indexes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.index.base import Neighbors, Ranges, Work, check_radius, check_search
from lookalike.index.rows import Block, Rows
from lookalike.kernels.arrays import Ids, Vectors, as_ids, as_vectors
from lookalike.kernels.formulas import Screen
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.kernels.topk import nearest

_ROWS_AT_ONCE = 1 << 14  # bounds the temporaries of a screen: 32 MiB at 512 dimensions
_QUERIES_AT_ONCE = 1 << 8
_STEP = float(np.finfo(np.float32).eps)


class ExactIndex:
    """Compares every query with every vector. It takes no settings, and every answer is exact.

    It can be pickled. Only one thread at a time may change it, and nobody may search meanwhile.

    >>> index = ExactIndex(2, "euclidean")
    >>> index.add([7, 8], [[0.0, 0.0], [3.0, 4.0]])
    >>> index.search([0.0, 0.0], k=2).distances.tolist()
    [[0.0, 5.0]]
    >>> index
    <ExactIndex: 2 rows of 2 numbers, euclidean>
    """

    def __init__(self, dim: int, metric: str | Metric = "cosine") -> None:
        """Make an empty index.

        Args:
            dim: length of a vector, 1 or more.
            metric: how distance is measured; see ``LSHIndex``.

        Raises:
            UsageError: no such length or metric.
        """
        self._metric = parse_metric(metric)
        self._rows = Rows(dim)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._rows.dim

    @property
    def metric(self) -> Metric:
        """How distance is measured."""
        return self._metric

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<ExactIndex: {len(self):,} rows of {self.dim} numbers, {self._metric}>"

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; see ``Index.add``."""
        self._rows.add(as_ids(ids), self._metric.prepare(as_vectors(vectors, self.dim)))

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        self._rows.remove(ids)
        if self._rows.dead > 1024 + 2 * len(self._rows):
            self._rows = Rows(self.dim, *self._rows.settled())

    def search(
        self,
        queries: ArrayLike,
        k: int,
        *,
        recall: float | None = None,
        probes: int | None = None,
        among: ArrayLike | None = None,
    ) -> Neighbors:
        """Find the k nearest to each query; ``recall`` and ``probes`` are checked and change nothing."""
        check_search(k, recall, probes)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        return scan(self._rows.having(among), prepared, int(k), self._metric)

    def within(
        self,
        queries: ArrayLike,
        radius: float,
        *,
        recall: float | None = None,
        among: ArrayLike | None = None,
    ) -> Ranges:
        """Find everything within a distance of each query; ``recall`` is checked and changes nothing."""
        check_search(1, recall)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        return scan_within(self._rows.having(among), prepared, check_radius(radius), self._metric)


def scan(
    blocks: list[Block], queries: Vectors, k: int, metric: Metric, *, prepared: bool = True
) -> Neighbors:
    """Find the k nearest of all living rows, exactly.

    Every row is screened by the metric's fast formula. Those that could be among the k nearest, given the
    error of that formula, are then measured by definition.

    Args:
        blocks: the rows; nobody may change which of them are alive meanwhile.
        queries: (q, dim) float32.
        k: how many neighbours.
        metric: how to measure distance.
        prepared: whether rows and queries are in the form that ``metric.prepare`` gives already.
    """
    if not prepared:
        queries = metric.prepare(queries)
    ids = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    pieces = [piece for block in blocks for piece in _pieces(block)]
    for start in range(0, len(queries) if pieces else 0, _QUERIES_AT_ONCE):
        some = queries[start : start + _QUERIES_AT_ONCE]
        shortlists = [_nearest_few(piece, some, k, metric, prepared) for piece in pieces]
        for place, query in enumerate(some):
            near = [of[place] for of in shortlists]
            all_ids, all_distances = _measured(query, pieces, near, metric)
            best = nearest(all_ids, all_distances, k)
            ids[start + place, : len(best)] = all_ids[best]
            distances[start + place, : len(best)] = all_distances[best]
    return Neighbors(ids, distances, _work(blocks, queries))


def scan_within(
    blocks: list[Block], queries: Vectors, radius: float, metric: Metric, *, prepared: bool = True
) -> Ranges:
    """Find all living rows within a radius of each query, exactly; arguments as of ``scan``."""
    if not prepared:
        queries = metric.prepare(queries)
    pieces = [piece for block in blocks for piece in _pieces(block)]
    starts = np.zeros(len(queries) + 1, np.int64)
    found: list[tuple[Ids, NDArray[np.float32]]] = []
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        some = queries[start : start + _QUERIES_AT_ONCE]
        shortlists = [_near(piece, some, radius, metric, prepared) for piece in pieces]
        for place, query in enumerate(some):
            ids, distances = _measured(query, pieces, [of[place] for of in shortlists], metric)
            inside = np.flatnonzero(distances <= radius)
            inside = inside[nearest(ids[inside], distances[inside], len(inside))]
            found.append((ids[inside], distances[inside]))
            starts[start + place + 1] = starts[start + place] + len(inside)
    nothing = (np.empty(0, np.int64), np.empty(0, np.float32))
    return Ranges(
        starts,
        np.concatenate([ids for ids, _ in [nothing, *found]]),
        np.concatenate([distances for _, distances in [nothing, *found]]),
        _work(blocks, queries),
    )


def _work(blocks: list[Block], queries: Vectors) -> Work:
    return Work(distances=len(queries) * sum(int(block.alive.sum()) for block in blocks))


def _measured(
    query: Vectors, pieces: list[Block], places: list[NDArray[np.intp]], metric: Metric
) -> tuple[Ids, NDArray[np.float32]]:
    """Measure a query's distances from the rows at some places of each piece; return their ids, too."""
    ids, distances = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for piece, some in zip(pieces, places, strict=True):
        if len(some):
            ids.append(piece.ids[some])
            distances.append(metric.exact(query, piece.vectors[some]).astype(np.float32))
    return np.concatenate(ids), np.concatenate(distances)


def _pieces(block: Block) -> Iterator[Block]:
    """Cut a block into pieces, so that temporaries stay small; of a mostly dead piece, keep the living."""
    for start in range(0, len(block.ids), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        piece = Block(block.ids[part], block.vectors[part], block.alive[part])
        living = np.flatnonzero(piece.alive)
        if len(living) < len(piece.ids) // 2:
            piece = Block(piece.ids[living], piece.vectors[living], piece.alive[living])
        if len(living):
            yield piece


def _scores(block: Block, queries: Vectors, metric: Metric, prepared: bool) -> Screen:
    """Screen the rows of a block; dead rows get infinite scores."""
    screen = metric.screen(queries, block.vectors if prepared else metric.prepare(block.vectors))
    if not block.alive.all():
        screen.scores[:, ~block.alive] = np.inf
    return screen


def _nearest_few(
    block: Block, queries: Vectors, k: int, metric: Metric, prepared: bool
) -> list[NDArray[np.intp]]:
    """Find, for each query, the places of all living rows that could be among its k nearest in the block."""
    scores, absolute, relative = _scores(block, queries, metric, prepared)
    if k < len(block.ids):
        border = np.partition(scores, k - 1, axis=1)[:, k - 1].astype(np.float64)
        border = border * (1 + 2 * relative) + 2 * absolute
    else:
        border = np.full(len(queries), np.finfo(np.float64).max)
    return [np.flatnonzero((row <= limit) & block.alive) for row, limit in zip(scores, border, strict=True)]


def _near(
    block: Block, queries: Vectors, radius: float, metric: Metric, prepared: bool
) -> list[NDArray[np.intp]]:
    """Find, for each query, the places of all living rows of the block that could be within the radius."""
    scores, absolute, relative = _scores(block, queries, metric, prepared)
    # Half a step of float32 more, for the distance that is compared with the radius is a rounded one.
    border = metric.score(radius * (1 + _STEP)) * (1 + 2 * relative) + 2 * absolute
    return [np.flatnonzero((row <= limit) & block.alive) for row, limit in zip(scores, border, strict=True)]
