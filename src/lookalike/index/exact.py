"""Exact k-nearest-neighbour search: the baseline, and the oracle that other indexes are checked against."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.index.base import Neighbors, Work, check_search
from lookalike.index.rows import Block, Rows
from lookalike.kernels.arrays import Ids, Vectors, as_ids, as_vectors
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.kernels.topk import nearest

_ROWS_AT_ONCE = 1 << 14  # bounds the temporaries of a screen: 32 MiB at 512 dimensions
_QUERIES_AT_ONCE = 1 << 8


class ExactIndex:
    """Compares every query with every vector.

    >>> index = ExactIndex(2, "euclidean")
    >>> index.add([7, 8], [[0.0, 0.0], [3.0, 4.0]])
    >>> index.search([0.0, 0.0], k=2).distances.tolist()
    [[0.0, 5.0]]
    """

    def __init__(self, dim: int, metric: str | Metric = "cosine") -> None:
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

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; see ``Index.add``."""
        self._rows.add(as_ids(ids), self._metric.prepare(as_vectors(vectors, self.dim)))

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        self._rows.remove(ids)
        if self._rows.unsettled > 1024 + 2 * len(self._rows):
            self._rows = Rows(self.dim, *self._rows.settled())

    def search(
        self, queries: ArrayLike, k: int, *, recall: float | None = None, probes: int | None = None
    ) -> Neighbors:
        """Find the k nearest to each query; ``recall`` and ``probes`` are checked and change nothing."""
        check_search(k, recall, probes)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        return scan(self._rows.blocks(), prepared, int(k), self._metric)


def scan(
    blocks: list[Block], queries: Vectors, k: int, metric: Metric, *, prepared: bool = True
) -> Neighbors:
    """The k nearest of all living rows, exactly.

    Every row is screened fast; those that could be among the k nearest, given the screen's error, are
    measured by definition.

    Args:
        blocks: the rows; nobody may change which of them are alive.
        queries: (q, dim) float32.
        k: how many.
        metric: how to measure.
        prepared: whether rows and queries have the form that ``metric.prepare`` gives.
    """
    if not prepared:
        queries = metric.prepare(queries)
    ids = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    pieces = [piece for block in blocks for piece in _pieces(block)]
    for start in range(0, len(queries) if pieces else 0, _QUERIES_AT_ONCE):
        some = queries[start : start + _QUERIES_AT_ONCE]
        shortlists = [_shortlist(piece, some, k, metric, prepared) for piece in pieces]
        for place, query in enumerate(some):
            near = [
                measure(query, piece, of[place], metric) for piece, of in zip(pieces, shortlists, strict=True)
            ]
            all_ids = np.concatenate([part[0] for part in near])
            all_distances = np.concatenate([part[1] for part in near])
            best = nearest(all_ids, all_distances, k)
            ids[start + place, : len(best)] = all_ids[best]
            distances[start + place, : len(best)] = all_distances[best]
    living = sum(int(block.alive.sum()) for block in blocks)
    return Neighbors(ids, distances, Work(distances=living * len(queries)))


def _pieces(block: Block) -> Iterator[Block]:
    for start in range(0, len(block.ids), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        yield Block(block.ids[part], block.vectors[part], block.alive[part])


def _shortlist(
    block: Block, queries: Vectors, k: int, metric: Metric, prepared: bool
) -> list[NDArray[np.intp]]:
    """For each query the places of all living rows that could be among its k nearest in the block."""
    vectors = block.vectors if prepared else metric.prepare(block.vectors)
    scores, absolute, relative = metric.screen(queries, vectors)
    if not block.alive.all():
        scores[:, ~block.alive] = np.inf
    if k < len(block.ids):
        border = np.partition(scores, k - 1, axis=1)[:, k - 1].astype(np.float64)
        border = border * (1 + 2 * relative) + 2 * absolute
    else:
        border = np.full(len(queries), np.finfo(np.float64).max)
    return [np.flatnonzero((row <= limit) & block.alive) for row, limit in zip(scores, border, strict=True)]


def measure(
    query: Vectors, block: Block, places: NDArray[np.integer], metric: Metric
) -> tuple[Ids, NDArray[np.float32]]:
    """Exact distances of the rows at some places of a block, alive or not.

    Returns:
        ``(ids, distances)``, both (places,), int64 and float32.
    """
    return block.ids[places], metric.exact(query, block.vectors[places]).astype(np.float32)
