"""How complete an answer probably is, from its gaps: fitted to answers to queries with known neighbours.

The estimate is the product of three logistic functions of the gaps (``kernels.gaps``). Their six weights are
nearly alike for all data that we tried, so they are drawn towards those usual ones, and a few answers suffice
to fit them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors, frozen

USUAL = frozen(np.array([[-0.95, -1.35, -0.58], [5.87, 3.19, 3.42]], np.float32))
"""Fitted to answers of indexes of image embeddings, histograms, pixels and two sets of made vectors."""

# How strongly weights are drawn towards these, as the weight of squares beside log likelihoods.
_DRAWN = np.array([[2.0] * 3, [0.6] * 3])
_AIM = 1.5  # times the wanted odds, for which borders are widened
_ROUNDS = 40
_SURE = 1e-6  # no estimate is nearer to 0 or 1 while weights are fitted
_SETTLED = 1e-6  # the least share of the loss that another round must bring

_Floats = NDArray[np.float64]


class Judge(NamedTuple):
    """What is known of the answers of some tables.

    Attributes:
        weights: (2, 3) float32, of the estimate.
        farthest: the largest sum of squared margins of a query's code with which it holds.
        share: the least share of its square that a query's code must hold to tell what is near; see
            ``kernels.funnel.Effort``. 0 if that is not known.
    """

    weights: Vectors = USUAL
    farthest: float = math.inf
    share: float = 0.0

    def laid_out(self) -> Self:
        """The same with its array as the kernels want it, read-only."""
        return self._replace(weights=frozen(self.weights))


class Wish(NamedTuple):
    """How complete answers shall be by their estimates, for a wanted recall; see ``kernels.funnel.Effort``.

    Recall is an average: among queries like the rows some answers are less complete, and some more. So an
    answer is good enough from the square root of the wanted odds on: an estimate of 0.75 for 0.9, 0.81 for
    0.95 and 0.91 for 0.99. Four to five of a hundred such queries are searched for again. Of these more is
    known: they are probably unlike the rows. So their borders aim at one and a half times the wanted odds:
    0.93, 0.97 and 0.993.

    Attributes:
        enough: from which estimate on an answer is good enough.
        aim: what borders are widened for.
    """

    enough: float
    aim: float

    @classmethod
    def of(cls, recall: float) -> Self:
        """The wish for a recall, above 0 and below 1."""
        odds = recall / (1 - recall)
        enough, aim = math.sqrt(odds), _AIM * odds
        return cls(enough / (1 + enough), aim / (1 + aim))


def fit(gaps: Vectors, recall: _Floats) -> Vectors:
    """Find the weights under which the recall of some answers is most likely, drawn towards the usual ones.

    The likelihood is that of neighbours that are found or not; its maximum is found by Fisher scoring, with
    the steps damped as by Levenberg and Marquardt.

    Args:
        gaps: (n, 3) float32, of the answers; see ``kernels.gaps``.
        recall: (n,) float64, what share of the true neighbours each holds.

    Returns:
        (2, 3) float32.
    """
    weights, damping = USUAL.astype(np.float64), 1e-3
    loss = _loss(weights, gaps, recall)
    for _ in range(_ROUNDS):
        slopes, curvature = _derivatives(weights, gaps, recall)
        step = np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), slopes)
        moved = weights + step.reshape(weights.shape)
        moved[1] = np.maximum(moved[1], 0)  # a wider gap never speaks against an answer
        less = _loss(moved, gaps, recall)
        if less > loss:
            damping *= 10
            continue
        settled = loss - less <= _SETTLED * abs(loss)
        weights, loss, damping = moved, less, damping / 10
        if settled:
            break
    return frozen(weights.astype(np.float32))


def checked(weights: NDArray[Any], farthest: NDArray[Any], share: NDArray[Any]) -> Judge:
    """The gate for what a file holds of a ``Judge``: ``farthest`` and ``share`` are (1,) float64.

    Raises:
        UsageError: naming the array that makes no sense.
    """
    if weights.shape != USUAL.shape or weights.dtype != np.float32 or not np.isfinite(weights).all():
        raise UsageError(f"weights must be finite float32 of shape {USUAL.shape}")
    if farthest.shape != (1,) or farthest.dtype != np.float64 or not (farthest >= 0).all():
        raise UsageError("farthest must be float64 of shape (1,), 0 or more")
    if share.shape != (1,) or share.dtype != np.float64 or not ((share >= 0) & (share <= 1)).all():
        raise UsageError("share must be float64 of shape (1,), 0 to 1")
    return Judge(frozen(weights), float(farthest[0]), float(share[0]))


def _passing(weights: _Floats, gaps: Vectors) -> _Floats:
    """(n, 3), the chance of a neighbour to pass each stage."""
    odds = np.clip(weights[0] + weights[1] * gaps, -30, 30)
    return np.asarray(1 / (1 + np.exp(-odds)))


def _loss(weights: _Floats, gaps: Vectors, recall: _Floats) -> float:
    """Minus the log likelihood of the answers' recall, and what is added for weights that are unusual."""
    found = np.clip(_passing(weights, gaps).prod(axis=1), _SURE, 1 - _SURE)
    likelihood = (recall * np.log(found) + (1 - recall) * np.log1p(-found)).sum()
    return float((_DRAWN * (weights - USUAL) ** 2).sum() / 2 - likelihood)


def _derivatives(weights: _Floats, gaps: Vectors, recall: _Floats) -> tuple[_Floats, _Floats]:
    """The (6,) slopes of minus the loss, and its (6, 6) expected curvature."""
    passing = _passing(weights, gaps)
    found = np.clip(passing.prod(axis=1), _SURE, 1 - _SURE)
    by_log = np.concatenate([1 - passing, (1 - passing) * gaps], axis=1)  # of log found
    slopes = ((recall - found) / (1 - found)) @ by_log - (_DRAWN * (weights - USUAL)).ravel()
    curvature = (by_log * (found / (1 - found))[:, None]).T @ by_log + np.diag(_DRAWN.ravel())
    return slopes, curvature
