"""How the index calls the compiled funnel: how much work to allow, and which rows to search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lookalike import kernels
from lookalike.index.base import Neighbors, Work
from lookalike.index.estimate import Judge, Wish
from lookalike.index.hashed import Hashed
from lookalike.index.tuning import RecallPoint
from lookalike.kernels.arrays import Vectors, frozen
from lookalike.kernels.metrics import Metric
from lookalike.kernels.stored import Stored

if TYPE_CHECKING:
    from lookalike.kernels.answers import Answers
    from lookalike.kernels.funnel import Effort

_CODES, _SKETCHES = 100, 10  # rows kept for each neighbour wanted, if the caller gives probes
_AT_LEAST = 10  # neighbours to keep so many rows for, even if fewer are wanted
_AT_ONCE = 1 << 12  # queries whose borders are in memory at the same time


def effort_of(
    point: RecallPoint,
    k: int,
    share: float,
    most: tuple[int, int] | None = None,
    judge: Judge | None = None,
    wish: Wish | None = None,
) -> Effort:
    """The effort that a point of a recall curve stands for.

    Args:
        point: the point chosen.
        k: neighbours wanted.
        share: how many of the rows in the tables are alive, 0 to 1. The fewer they are, the more codes are
            kept, since dead rows are dropped only after that stage.
        most: how many sketches and vectors to compare at most; None for any number.
        judge: tells how complete answers are; None if nothing does.
        wish: how complete they shall be; None if one look is enough, whatever is told.
    """
    codes = max(math.ceil(point.codes / share), 2 * k)
    effort = kernels.funnel.Effort(point.reach, 0, codes, max(point.sketches, k))
    if most is not None:
        effort = effort._replace(most_sketches=most[0], most_vectors=most[1])
    if judge is None:
        return effort
    effort = effort._replace(weights=judge.weights, farthest=judge.farthest, share=judge.share)
    return effort if wish is None else effort._replace(**wish._asdict())


def effort_by_probes(hashed: Hashed, probes: int, k: int, share: float) -> Effort:
    """The effort that visits a number of buckets and keeps enough rows of each stage to lose little.

    Args:
        hashed: the tables.
        probes: buckets to visit. If these are all buckets, every stage keeps everything.
        k: neighbours wanted.
        share: how many of the rows in the tables can be answers, 0 to 1.
    """
    if probes >= hashed.buckets:
        everything = np.iinfo(np.int32).max
        return kernels.funnel.Effort(0.0, hashed.buckets, everything, everything)
    wanted = max(k, _AT_LEAST)
    return kernels.funnel.Effort(0.0, probes, math.ceil(_CODES * wanted / share), _SKETCHES * wanted)


def search_tables(
    hashed: Hashed, stored: Stored, effort: Effort, queries: Vectors, k: int, metric: Metric
) -> Neighbors:
    """Find the k nearest to each query among the rows that pass the funnel.

    Args:
        hashed: hash functions and tables.
        stored: all rows, and the sketches of those that are not in the tables.
        effort: how far to go.
        queries: (q, dim) float32, prepared.
        k: how many neighbours.
        metric: ranks them.
    """
    answers = kernels.answers.Answers.room(len(queries), k)
    work = search_into(answers, hashed, stored, effort, queries, metric)
    return Neighbors(answers.ids, answers.distances, work, answers.recall)


def search_into(
    answers: Answers, hashed: Hashed, stored: Stored, effort: Effort, queries: Vectors, metric: Metric
) -> Work:
    """Do what ``search_tables`` does, with answers to fill; see ``kernels.funnel.search``."""
    functions, work = hashed.functions, Work()
    for start in range(0, len(queries), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        margins = functions.margins(queries[some])
        done = kernels.funnel.search(
            hashed.tables,
            stored,
            effort,
            kernels.funnel.Queries(
                frozen(queries[some]), functions.borders(margins), functions.codes(margins)
            ),
            functions.rotation,
            kernels.distances.Ranking(metric.code, metric.power),
            kernels.answers.Answers._make(of[some] for of in answers),
        )
        work += Work(*done)
    return work
