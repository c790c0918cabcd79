"""Searching again, and wider, for queries whose answers are probably less complete than was asked for.

Efforts are measured on the index's own rows. A query of another kind may need more for the same recall, and
its answer tells (``estimate``). The same query is then searched for with larger efforts, until its answer is
good enough, and in the end by a scan. All wishes climb the same efforts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.index.base import DEFAULT_RECALL, Neighbors
from lookalike.index.exact import scan
from lookalike.index.funnel import search_tables
from lookalike.index.hashed import Hashed
from lookalike.index.view import View
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.kernels.funnel import Effort

_CONTENT = 0.5
"""With what part of the square root of the wanted odds a first answer is good enough.

Recall is an average: among queries like the rows some answers are less complete, and some more. With this,
about one of a hundred such queries is searched for again. For 0.9, 0.95 and 0.99 asked, first answers are
good enough from an estimate of 0.60, 0.69 and 0.83 on. Of a query that is searched for again more is known:
it is probably unlike the rows. So the next answers need the square root of the wanted odds itself, which is
0.75, 0.81 and 0.91.
"""
_HOPEFUL = 0.6  # the least estimate with which the largest effort is tried, and not a scan at once


def least(recall: float | None, *, again: bool = False) -> float:
    """The estimated recall from which on an answer is good enough.

    Args:
        recall: the wanted one; None for 0.95.
        again: whether the query is searched for again.
    """
    wanted = DEFAULT_RECALL if recall is None else recall
    if wanted == 1:
        return 1.0
    odds = math.sqrt(wanted / (1 - wanted)) * (1 if again else _CONTENT)
    return odds / (1 + odds)


class Widening(NamedTuple):
    """Queries, and the rows among which their neighbours are wanted.

    Attributes:
        view: the rows.
        hashed: their tables.
        queries: (q, dim) float32, prepared by the index's own metric.
        k: neighbours wanted.
        metric: ranks them.
        own: whether that is the index's own metric.
    """

    view: View
    hashed: Hashed
    queries: Vectors
    k: int
    metric: Metric
    own: bool

    def once(self, effort: Effort) -> Neighbors:
        """What a search by the tables finds for each query."""
        return search_tables(self.hashed, self.view.stored(), effort, self.queries, self.k, self.metric)

    def until(self, efforts: Sequence[Effort], recall: float | None) -> Neighbors:
        """Answers that hold as many neighbours as there are, and an estimated recall that is enough.

        Args:
            efforts: one or more, ascending. If the last is not enough for a query, it is scanned for; or if
                the one before is by far not.
            recall: the wanted one; see ``least``. Recalls that are not known are enough.
        """
        found, enough = self.once(efforts[0]), least(recall, again=True)
        unlike = found.recall < least(recall)
        for effort in efforts[1:]:
            # Nothing is known of answers that hold too few, and an estimate of 0 says that more is of no use.
            again = unlike & (found.recall < enough) & (found.recall > 0)
            if effort is efforts[-1]:
                again &= found.recall >= _HOPEFUL
            if again.any():
                found = found.replaced(again, self._of(again).once(effort))
        few = found.ids[:, min(self.k, self.view.living) - 1] < 0
        rest = few | (unlike & (found.recall < enough))
        if not rest.any():
            return found
        queries = self.queries[rest]
        return found.replaced(rest, scan(self.view.blocks, queries, self.k, self.metric, prepared=self.own))

    def _of(self, some: NDArray[np.bool_]) -> Widening:
        """The same for those queries that are True in (q,) bool."""
        return self._replace(queries=self.queries[some])
