"""A trial of new tables: searches for queries like and unlike the rows, to learn how to judge answers.

Some rows are hidden, as if they had never been added. They, and queries that are made of them in ways that
make them unlike the rows, are searched for; a scan tells what share of their true neighbours was found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.index import estimate, tuning
from lookalike.index.estimate import Judge
from lookalike.index.funnel import effort_of, search_into
from lookalike.index.hashed import Hashed
from lookalike.index.rows import Block, rows_at
from lookalike.index.unlike import unlike
from lookalike.kernels.arrays import Vectors, frozen
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.metrics import Metric
from lookalike.kernels.stored import Stored

_K = 10
_HIDDEN = 64
_LIKE, _EACH = 32, 4  # queries that are rows, and queries of each other kind, …
_SLOW_LIKE, _SLOW_EACH = 8, 1  # … if a metric has no matrix product by which to find the true neighbours
_ASKED = (0.9, 0.99)
_FEWEST = 16 * _HIDDEN  # rows, of which so few can be hidden
_BEYOND = 4.0  # times the square of the longest of the rows tried, queries are far outside
_TELLING = 0.6  # times the median of the rows tried, the share of a square that a code must hold
_ROUNDING = 1e-6  # as a share of a distance


def learn(
    blocks: Sequence[Block],
    hashed: Hashed,
    curves: Mapping[int, tuning.Curve],
    metric: Metric,
    random: np.random.Generator,
    go_on: Callable[[], None] = lambda: None,
) -> Judge:
    """Learn how complete answers are; see ``estimate``.

    Args:
        blocks: the rows that the tables hold, numbered through: main part and tail.
        hashed: hash functions, and the tables of those rows.
        curves: the recall that was measured with them.
        metric: measures which rows are the true neighbours.
        random: draws the queries.
        go_on: called now and then; what it raises ends the work.

    Returns:
        The usual ``Judge`` if there are several tables, or too few rows for a trial.
    """
    points = dict.fromkeys(
        point for point in (tuning.effort_for(curves[_K], asked) for asked in _ASKED) if point is not None
    )
    rows = hashed.tables.rows
    if not points or hashed.functions.tables > 1 or len(rows) < _FEWEST:
        return Judge()
    hidden = rows[random.choice(len(rows), _HIDDEN, False)].astype(np.int64)  # in no order
    like, each = (_LIKE, _EACH) if metric.formula.product else (_SLOW_LIKE, _SLOW_EACH)
    sources = rows_at(blocks, hidden)
    queries = metric.prepare(np.concatenate([sources[:like], unlike(sources, each, random)]))
    visible = _without(blocks, hidden)
    border = _farthest(visible, queries, metric, go_on)
    stored = Stored.of(visible[0], visible[1], frozen(np.empty((0, SKETCH_WORDS), np.uint64)))
    codes = hashed.functions.codes(hashed.functions.margins(sources))
    squares = np.einsum("ij,ij->i", codes, codes)
    around = sources - hashed.functions.centre
    judge = Judge(share=_TELLING * _median_share(squares, np.einsum("ij,ij->i", around, around)))
    gaps, recall = [], []
    for point in points:
        go_on()
        effort = effort_of(point, _K, 1.0, judge=judge)
        answers = kernels.answers.Answers.room(len(queries), _K)
        search_into(answers, hashed, stored, effort, queries, metric)
        gaps.append(answers.gaps)
        recall.append((answers.distances <= border[:, None] * (1 + _ROUNDING)).mean(axis=1))
    weights = estimate.fit(np.concatenate(gaps), np.concatenate(recall))
    return judge._replace(weights=weights, farthest=_BEYOND * float(squares.max()))


def _median_share(codes: Vectors, wholes: Vectors) -> float:
    """The median of what share of its square, (h,) float32, the code of a row holds; at most 1."""
    shares = np.divide(codes, wholes, out=np.ones_like(codes), where=wholes > 0)
    return min(1.0, float(np.median(shares)))


def _without(blocks: Sequence[Block], hidden: NDArray[np.int64]) -> list[Block]:
    """Two blocks of the same rows, in which some are dead, (h,) numbered through."""
    alive = np.concatenate([block.alive for block in blocks])
    alive[hidden] = False
    main, tail = blocks[0], blocks[1]
    size = len(main.ids)
    return [main._replace(alive=frozen(alive[:size])), tail._replace(alive=frozen(alive[size:]))]


def _farthest(
    blocks: Sequence[Block], queries: Vectors, metric: Metric, go_on: Callable[[], None]
) -> NDArray[np.float32]:
    """(q,) float32, how far the last of the true neighbours of each query is."""
    nobody = np.full(len(queries), -1)
    true = tuning.true_rows(blocks, queries, nobody, _K, metric, go_on)
    far = [metric.exact(query, rows_at(blocks, near)) for query, near in zip(queries, true, strict=True)]
    return np.asarray(np.max(far, axis=1), np.float32)
