"""How well scores tell edited copies of pictures from other pictures: pure functions over arrays of scores.

A *pair* is a query and a picture of the database. It is true if the query is an edited copy of the picture,
false otherwise; a query has one true pair or none. The higher its score, the more a pair looks true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
"""(queries, pictures); -inf for a pair that a method does not consider."""

Originals = NDArray[np.int64]
"""(queries,) the picture of each query's true pair; -1 for a query without one."""

CANDIDATES = 20
"""So many pairs of each query, those with its highest scores, enter the micro average precision."""

BACKGROUND = slice(1, 4)
"""Ranks 2 to 4 of a query, whose mean score is what a normalised score is counted from."""

FEWEST_PICTURES = 4
"""So many pictures the ranks of ``BACKGROUND`` need."""


class Pairs(NamedTuple):
    """What is kept of the scores of some queries.

    Attributes:
        best: (queries, 20) float32, each query's highest scores, descending; fewer columns if there are
            fewer pictures.
        true: (queries, 20) whether each of these pairs is true.
        matched: (queries,) whether there is a true pair.
        own: (queries,) float32, the score of the true pair; -inf if there is none, or it is not considered.
        first: (queries,) float64, the chance that the true pair comes first if equal scores are put in any
            order; 0 if there is none.
        false: float32, the highest scores of all false pairs, descending.
        false_pairs: how many false pairs there are.
    """

    best: Scores
    true: NDArray[np.bool_]
    matched: NDArray[np.bool_]
    own: NDArray[np.float32]
    first: NDArray[np.float64]
    false: NDArray[np.float32]
    false_pairs: int


class Border(NamedTuple):
    """A score that few false pairs exceed.

    Attributes:
        score: pairs above it pass.
        rate: share of the false pairs that may pass.
    """

    score: float
    rate: float


def normalised(scores: Scores) -> Scores:
    """Scores counted from the level of each query: minus the mean of its ranks 2 to 4.

    Some pictures resemble many others, so that their copies score high with strangers too. A true pair stands
    out from the ranks after it, whatever their level.

    Args:
        scores: (queries, pictures), at least 4 pictures, of which a query's best 4 have finite scores.

    Returns:
        (queries, pictures) float32.
    """
    highest = -np.partition(-scores, BACKGROUND.stop - 1, axis=1)[:, : BACKGROUND.stop]
    level = np.sort(highest, axis=1)[:, ::-1][:, BACKGROUND].mean(axis=1, keepdims=True)
    return np.asarray(scores - level, np.float32)


def summarised(scores: Scores, originals: Originals, keep: int) -> Pairs:
    """Keep of the scores of some queries what the figures below need.

    Args:
        scores: (queries, pictures); left as they are.
        originals: (queries,).
        keep: how many scores of false pairs to keep at most.
    """
    rows = np.arange(len(scores))
    matched = originals >= 0
    width = min(CANDIDATES, scores.shape[1])
    order = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    order = np.take_along_axis(order, np.argsort(-np.take_along_axis(scores, order, 1), kind="stable"), 1)
    best = np.take_along_axis(scores, order, 1)
    own = np.where(matched, scores[rows, originals], np.float32(-np.inf))
    level = (scores == best[:, :1]).sum(axis=1)
    false = scores.copy()
    false[rows[matched], originals[matched]] = -np.inf
    return Pairs(
        best,
        order == originals[:, None],
        matched,
        own,
        np.where(own == best[:, 0], 1.0 / level, 0.0),
        _highest(false.ravel(), keep),
        scores.size - int(matched.sum()),
    )


def joined(parts: Sequence[Pairs], keep: int) -> Pairs:
    """All queries of some parts, in order; ``keep`` as for ``summarised``."""
    return Pairs(
        np.concatenate([part.best for part in parts]),
        np.concatenate([part.true for part in parts]),
        np.concatenate([part.matched for part in parts]),
        np.concatenate([part.own for part in parts]),
        np.concatenate([part.first for part in parts]),
        _highest(np.concatenate([part.false for part in parts]), keep),
        sum(part.false_pairs for part in parts),
    )


def micro_average_precision(pairs: Pairs) -> float:
    """Average precision over the pairs of all queries in one ranking, as in the DISC21 benchmark.

    Douze et al., "The 2021 Image Similarity Dataset and Challenge", 2021, section 4: the mean, over all true
    pairs that there are, of the precision at the rank of each, 0 for one that is not among the candidates.
    Among equal scores false pairs come first, so that equal scores never pay.
    """
    scores, true = pairs.best.ravel(), pairs.true.ravel()
    considered = scores > -np.inf
    scores, true = scores[considered], true[considered]
    true = true[np.lexsort((true, -scores))]
    precision = true.cumsum() / np.arange(1, len(true) + 1)
    return float(precision[true].sum() / pairs.matched.sum())


def passing(false_pairs: int, rate: float) -> int:
    """How many of the false pairs may pass at a rate; 1 if the rate asks for fewer."""
    return max(1, int(rate * false_pairs))


def border(pairs: Pairs, rate: float) -> Border:
    """The lowest score that no more than a share ``rate`` of the false pairs exceed.

    With so few false pairs that the share is less than one pair, one may pass, and the answer's rate says so.

    Args:
        pairs: with ``passing(false_pairs, rate)`` + 1 false scores or more.
        rate: above 0.
    """
    allowed = passing(pairs.false_pairs, rate)
    return Border(float(pairs.false[allowed]), allowed / pairs.false_pairs)


def _highest(scores: NDArray[np.float32], keep: int) -> NDArray[np.float32]:
    """The highest so many scores, descending."""
    if len(scores) > keep:
        scores = np.partition(scores, len(scores) - keep)[len(scores) - keep :]
    return np.sort(scores)[::-1]
