"""Borders between the scores that pass a stage of the funnel and those that do not."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_WITHIN = 24  # of a sample of scores, so many must lie within a border that is placed by it


@njit(cache=True, nogil=True)
def border_of(
    scores: NDArray[np.uint16], keep: int, largest: int, sampled: int, least: int
) -> tuple[int, int]:
    """Find the score up to which ``keep`` of the scores lie, and the first beyond it.

    Args:
        scores: (n,) uint16, 0 to ``largest``.
        keep: how many scores should be within the border.
        largest: the largest possible score.
        sampled: of more scores than this only a sample is looked at, and the border holds about ``keep``.
        least: the border is no lower, even if that holds more.

    Returns:
        ``(border, beyond)``: ``beyond`` is the least score above the border, of those looked at, or
        ``largest + 1`` if there is none.
    """
    if keep >= len(scores):
        return largest, largest + 1
    histogram = np.zeros(largest + 1, np.int32)
    step = max(1, min(len(scores) // sampled, keep // _WITHIN))
    for place in range(0, len(scores), step):
        histogram[scores[place]] += 1
    border, within = 0, histogram[0] * step
    while (within < keep or border < least) and border < largest:
        border += 1
        within += histogram[border] * step
    beyond = border + 1
    while beyond <= largest and histogram[beyond] == 0:
        beyond += 1
    return border, beyond
