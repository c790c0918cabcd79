"""The tail of strangers: the share of pairs that reaches a score, even one that no measured pair reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lookalike.calibration.scoring import Scores

_BEYOND = 100
"""Measured pairs above the threshold, from which on the tail is a formula."""

_KNOTS = 64
_NARROWEST = 0.6
"""Points over which a tail falls by a factor e at least. Pages of one layout have tails that are steeper at
first, until the rare points of the second look are all that is left; those fall by e over about 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The share of strangers at each score: measured where there are enough of them, exponential beyond.

    Excesses over a high threshold follow a generalised Pareto distribution (Coles, "An Introduction to
    Statistical Modeling of Extreme Values", 2001, section 4.2). Its shape is held at 0, the exponential:
    scores of strangers are bounded, so that their true shape is at most 0, and a formula with an end would
    give a chance of 0 to whatever lies beyond it.

    Attributes:
        scores: (k,) float64 ascending, at most 64; the last one is the threshold.
        shares: (k,) float64, the share of all pairs that score as high or higher, descending.
        scale: mean excess over the threshold, in points.
        pairs: how many pairs of strangers were measured.
    """

    scores: Scores
    shares: Scores
    scale: float
    pairs: int

    @classmethod
    def of(cls, scores: Scores, weights: Scores) -> Self:
        """Fit the tail to a sample.

        Args:
            scores: (n,) of pairs of strangers, at least 2, in any order.
            weights: (n,) how many pairs each one stands for.
        """
        values, place = np.unique(-scores, return_inverse=True)
        values = -values  # descending, equal ones once
        held, counts = np.bincount(place), np.cumsum(np.bincount(place, weights))
        above = min(int(np.searchsorted(np.cumsum(held), min(_BEYOND, len(scores) // 2))), len(values) - 1)
        excess = (values[:above] - values[above]) * np.diff(counts[:above], prepend=0)
        # Knots at even steps of the logarithm of the share, from the threshold down to all pairs.
        wanted = np.geomspace(counts[above], counts[-1], _KNOTS)
        knots = np.unique(np.searchsorted(counts, wanted * (1 - 1e-12)).clip(above, len(values) - 1))[::-1]
        return cls(
            values[knots],
            counts[knots] / counts[-1],
            max(float(excess.sum() / counts[max(above - 1, 0)]), _NARROWEST),
            round(float(counts[-1])),
        )

    def shares_of(self, scores: Scores) -> Scores:
        """The share of strangers that score as high or higher.

        Args:
            scores: (n,) float64.

        Returns:
            (n,) float64 above 0, at most 1.
        """
        measured = np.exp(np.interp(scores, self.scores, np.log(self.shares)))
        beyond = np.maximum(scores - self.scores[-1], 0.0)
        return np.asarray(np.minimum(measured, 1.0) * np.exp(-beyond / self.scale))

    def sound(self) -> bool:
        """Whether the numbers make sense, as those of a damaged file may not."""
        numbers: NDArray[np.float64] = np.concatenate([self.scores, self.shares, [self.scale]])
        return bool(
            self.scores.ndim == 1
            and 0 < len(self.scores) == len(self.shares)
            and np.isfinite(numbers).all()
            and (np.diff(self.scores) >= 0).all()
            and (np.diff(self.shares) <= 0).all()
            and self.shares[-1] > 0
            and self.shares[0] <= 1
            and self.scale > 0
            and self.pairs > 0
        )
