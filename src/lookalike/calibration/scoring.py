"""The score of a pair: how alike the copy parts are beyond the levels, and what the second look found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors

Scores = NDArray[np.float64]
LookScores = Sequence[float | None]
"""Scores of the second look, one for each pair; None for a pair that was not looked at."""

GAIN = 10.0
"""Points for a similarity of 1 above the levels. Chosen so that a point of it is as rare among strangers as a
point of the second look: of both, about one in three strangers that has one has another."""

MOST = 30.0
"""Points that the second look adds at most, three times what verifies a copy."""

VERIFIED = 10.0
"""Score of the second look from which it takes one picture for a copy of the other."""


def scores_of(similarities: Vectors, query_level: float, levels: Vectors, looks: LookScores) -> Scores:
    """The scores of pairs of a query and a picture.

    The similarity counts from the mean of both levels, so that the score does not depend on which of the two
    is the query.

    Args:
        similarities: (n,) cosines of the copy parts.
        query_level: of the query.
        levels: (n,) of the pictures.
        looks: n scores of the second look.

    Returns:
        (n,) float64, higher for more alike.
    """
    above = np.asarray(similarities, np.float64) - (query_level + np.asarray(levels, np.float64)) / 2
    return GAIN * above + points_of(looks)


def points_of(looks: LookScores) -> Scores:
    """The points that the second look adds, (n,) float64; 0 for a pair that was not looked at.

    A score below 0 says that the two were seen to differ in a detail. It takes away as many points as a look
    can add, so that nothing makes them copies.
    """
    scores = np.array([look or 0.0 for look in looks], np.float64)
    return np.where(scores < 0, -MOST, np.minimum(scores, MOST))


def verified(looks: LookScores) -> NDArray[np.bool_]:
    """Which pairs the second look takes for copies, (n,)."""
    return np.array([look is not None and look >= VERIFIED for look in looks], np.bool_)
