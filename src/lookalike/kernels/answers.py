"""What searches by the compiled functions answer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.gaps import STAGES


class Answers(NamedTuple):
    """The nearest rows, in ascending order of (distance, id).

    Attributes:
        ids: (q, k) int64 for q queries, or (k,) for one; -1 if there are fewer than k.
        distances: of the same shape, float32; infinity if there are fewer than k.
        recall: (q,) or (1,) float32, which share of the true nearest these probably are; not a number if that
            is unknown. See ``gaps``.
        gaps: (q, 3) or (3,) float32, what that was judged by.
    """

    ids: NDArray[np.int64]
    distances: NDArray[np.float32]
    recall: NDArray[np.float32]
    gaps: NDArray[np.float32]

    @classmethod
    def room(cls, queries: int, k: int) -> Answers:
        """Answers to so many queries, of which none has found anything yet."""
        return cls(
            np.full((queries, k), -1, np.int64),
            np.full((queries, k), np.inf, np.float32),
            np.full(queries, np.nan, np.float32),
            np.zeros((queries, STAGES), np.float32),
        )
