"""Exact search by comparing every query with every row: the baseline for all other indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.index.base import (
    HALVES_OFF,
    Neighbors,
    Ranges,
    Work,
    asked_pairs,
    check_radius,
    check_search,
)
from lookalike.index.lone_scan import LoneScan
from lookalike.index.pairs import MOST_PAIRS, AllPairs, Asked, PairRecall, Unsorted
from lookalike.index.rows import Block, Rows, rows_at
from lookalike.kernels.arrays import Ids, Vectors, as_ids, as_vectors
from lookalike.kernels.formulas import Screen
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.kernels.singles import singles
from lookalike.kernels.topk import nearest

_ROWS_AT_ONCE = 1 << 14  # bounds the temporaries of a screen: 32 MiB at 512 dimensions
_WIDENED = 1 << 19  # float16 numbers that are turned into float32 and screened at once
_QUERIES_AT_ONCE = 1 << 8
_PAIRS_AT_ONCE = 1 << 22
_STEP = float(np.finfo(np.float32).eps)
_LARGEST = float(np.finfo(np.float64).max)  # so that infinite scores, of dead rows, are beyond any border


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
        self._lone = LoneScan(self._metric)

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
        plain = recall is None and probes is None and among is None
        if plain and (found := self._lone.search(self._rows, queries, k)) is not None:
            return found
        check_search(k, recall, probes)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        return scan(self._blocks(among), prepared, int(k), self._metric)

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
        return scan_within(self._blocks(among), prepared, check_radius(radius), self._metric)

    def pairs(
        self,
        radius: float,
        *,
        recall: float | None = None,
        rows: tuple[int, int] | None = None,
        threads: int | None = None,
        among: ArrayLike | None = None,
    ) -> AllPairs:
        """Find all pairs of rows within a distance; ``recall`` is checked and changes nothing."""
        asked = asked_pairs(radius, recall, rows, threads, among)
        return scan_pairs(self._rows.having(among), self._metric, asked)

    def _blocks(self, among: ArrayLike | None) -> list[Block]:
        """The rows to search; no copy of which are alive is needed, since nobody changes that meanwhile."""
        return [self._rows.main, self._rows.tail] if among is None else self._rows.having(among)


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
    return Neighbors(ids, distances, _work(pieces, queries), np.ones(len(queries), np.float32))


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
        _work(pieces, queries),
    )


def scan_pairs(blocks: list[Block], metric: Metric, asked: Asked) -> AllPairs:
    """Find all pairs of living rows, exactly.

    Args:
        blocks: the rows; nobody may change them, or which of them are alive, until all pairs are found.
        metric: measures distance.
        asked: for what.
    """
    alive = np.flatnonzero(np.concatenate([block.alive for block in blocks]))
    ids = np.concatenate([block.ids for block in blocks])[alive]
    order = np.argsort(ids)
    ids, places = ids[order], alive[order]
    at_once = max(1, min(_QUERIES_AT_ONCE, _PAIRS_AT_ONCE // max(len(ids), 1)))

    def find(part: range) -> Unsorted | None:
        own, queries = ids[part.start : part.stop], rows_at(blocks, places[part.start : part.stop])
        found = [Unsorted(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
        for start in range(0, len(part), at_once):
            some = slice(start, start + at_once)
            ranges = scan_within(_from(blocks, own[start]), queries[some], asked.radius, metric)
            first = np.repeat(own[some], np.diff(ranges.starts))
            found.append(Unsorted(first, ranges.ids, ranges.distances).at(ranges.ids > first))
            if len(part) > 1 and sum(len(pairs.first) for pairs in found) > MOST_PAIRS:
                return None
        return Unsorted(*map(np.concatenate, zip(*found, strict=True)))

    return AllPairs(ids, _QUERIES_AT_ONCE, find, asked, PairRecall.exact())


def _from(blocks: list[Block], first: np.int64) -> list[Block]:
    """The blocks without those rows of the main part, whose ids ascend, that come before an id."""
    main = blocks[0]
    start = int(np.searchsorted(main.ids, first))
    return [Block(main.ids[start:], main.vectors[start:], main.alive[start:]), *blocks[1:]]


class _Piece(NamedTuple):
    """Some rows of a block, so few that temporaries stay small.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32 or float16.
        dead: (n,) bool; None if all are alive.
    """

    ids: Ids
    vectors: NDArray[np.floating]
    dead: NDArray[np.bool_] | None


def _work(pieces: list[_Piece], queries: Vectors) -> Work:
    living = sum(len(piece.ids) - (0 if piece.dead is None else int(piece.dead.sum())) for piece in pieces)
    return Work(distances=len(queries) * living)


def _measured(
    query: Vectors, pieces: list[_Piece], places: list[NDArray[np.intp]], metric: Metric
) -> tuple[Ids, NDArray[np.float32]]:
    """Measure a query's distances from the rows at some places of each piece; return their ids, too."""
    ids, distances = [], []
    for piece, some in zip(pieces, places, strict=True):
        if len(some):
            ids.append(piece.ids[some])
            distances.append(metric.exact(query, piece.vectors[some]).astype(np.float32))
    if len(ids) == 1:
        return ids[0], distances[0]
    nothing = np.empty(0, np.int64), np.empty(0, np.float32)
    return np.concatenate([nothing[0], *ids]), np.concatenate([nothing[1], *distances])


def _pieces(block: Block) -> Iterator[_Piece]:
    """Cut a block into pieces; of a mostly dead piece, keep the living."""
    for start in range(0, len(block.ids), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        ids, vectors, alive = block.ids[part], block.vectors[part], block.alive[part]
        if alive.all():
            yield _Piece(ids, vectors, None)
            continue
        living = np.flatnonzero(alive)
        if len(living) >= len(ids) // 2:
            yield _Piece(ids, vectors, ~alive)
        elif len(living):
            yield _Piece(ids[living], vectors[living], None)


def _scores(piece: _Piece, queries: Vectors, metric: Metric, prepared: bool) -> Screen:
    """Screen the rows of a piece; dead rows get infinite scores."""
    screen = _screen(piece.vectors, queries, metric, prepared)
    if prepared and metric.formula.unit_rows and piece.vectors.dtype == np.float16:
        screen = screen._replace(absolute=screen.absolute + HALVES_OFF)
    if piece.dead is not None:
        screen.scores[:, piece.dead] = np.inf
    return screen


def _screen(rows: NDArray[np.floating], queries: Vectors, metric: Metric, prepared: bool) -> Screen:
    """Screen (n, dim) rows, n >= 1; those of float16 in runs, which stay in the cache as float32."""
    step = max(1, _WIDENED // rows.shape[1]) if rows.dtype == np.float16 else len(rows)
    screens = []
    for start in range(0, len(rows), step):
        vectors = singles(rows[start : start + step])
        screens.append(metric.screen(queries, vectors if prepared else metric.prepare(vectors)))
    if len(screens) == 1:
        return screens[0]
    scores, absolute, relative = zip(*screens, strict=True)
    return Screen(np.concatenate(scores, axis=1), np.max(absolute, axis=0), max(relative))


def _nearest_few(
    piece: _Piece, queries: Vectors, k: int, metric: Metric, prepared: bool
) -> list[NDArray[np.intp]]:
    """Find, for each query, the places of all living rows that could be among its k nearest in the piece."""
    scores, absolute, relative = _scores(piece, queries, metric, prepared)
    if k < len(piece.ids):
        border = np.partition(scores, k - 1, axis=1)[:, k - 1].astype(np.float64)
        border = border * (1 + 2 * relative) + 2 * absolute
    else:
        border = np.full(len(queries), _LARGEST)
    # Fewer than k may be alive, which leaves the border at infinity.
    return [
        np.flatnonzero(row <= limit) for row, limit in zip(scores, np.minimum(border, _LARGEST), strict=True)
    ]


def _near(
    piece: _Piece, queries: Vectors, radius: float, metric: Metric, prepared: bool
) -> list[NDArray[np.intp]]:
    """Find, for each query, the places of all living rows of the piece that could be within the radius."""
    scores, absolute, relative = _scores(piece, queries, metric, prepared)
    # Half a step of float32 more, for the distance that is compared with the radius is a rounded one.
    border = metric.score(radius * (1 + _STEP)) * (1 + 2 * relative) + 2 * absolute
    return [
        np.flatnonzero(row <= limit) for row, limit in zip(scores, np.minimum(border, _LARGEST), strict=True)
    ]
