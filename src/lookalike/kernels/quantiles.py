"""Median and percentile, without numpy's own, whose first call imports numpy's masked arrays.

That import takes a tenth of the time in which a whole search starts, and every second look needs both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[Any]) -> float:
    """The same as ``np.median``.

    Args:
        values: real numbers of any shape, at least one, none of them NaN.
    """
    ordered = np.sort(values, axis=None)
    half = len(ordered) // 2
    return float(ordered[half] if len(ordered) % 2 else ordered[half - 1 : half + 1].mean())


def percentile(values: NDArray[np.floating], percent: float) -> float:
    """The same as ``np.percentile``, which lies between two values on the line through them.

    Args:
        values: of any shape, at least one, none of them NaN.
        percent: 0 to 100.
    """
    ordered = np.sort(values, axis=None)
    place = (len(ordered) - 1) * (percent / 100)
    below = int(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    share, apart = place - below, high - low
    # From the nearer of the two, as numpy does, so that both agree bit by bit.
    return float(low + apart * share if share < 0.5 else high - apart * (1 - share))
