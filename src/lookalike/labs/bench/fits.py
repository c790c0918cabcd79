"""Laws that measurements over several sizes follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class PowerLaw(NamedTuple):
    """``factor * size ** exponent``."""

    factor: float
    exponent: float

    def at(self, size: float) -> float:
        """Its value at a size."""
        return self.factor * math.pow(size, self.exponent)


def power_law(sizes: Sequence[float], values: Sequence[float]) -> PowerLaw | None:
    """The power law through positive values, by least squares of the logarithms; None for less than two."""
    if len(sizes) < 2:
        return None
    exponent, logarithm = np.polyfit(np.log(sizes), np.log(values), 1)
    return PowerLaw(math.exp(logarithm), float(exponent))


def crossover(sizes: Sequence[float], one: Sequence[float], other: Sequence[float]) -> float | None:
    """The size from which on ``one`` is below ``other``, between sizes by lines in logarithms.

    Args:
        sizes: ascending.
        one: positive values at the sizes.
        other: positive values at the sizes.

    Returns:
        The size; the first one where ``one`` is below throughout; None where there are no sizes, or it is
        not below at the last.
    """
    gaps = [math.log(a / b) for a, b in zip(one, other, strict=True)]
    last_above = max((place for place, gap in enumerate(gaps) if gap >= 0), default=-1)
    if last_above == len(gaps) - 1:
        return None
    if last_above == -1:
        return sizes[0]
    left, right = gaps[last_above], gaps[last_above + 1]
    low, high = math.log(sizes[last_above]), math.log(sizes[last_above + 1])
    return math.exp(low + (high - low) * left / (left - right))
