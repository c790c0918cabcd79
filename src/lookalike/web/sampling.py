"""The measured recall of searches: now and then a recent query is repeated as an exact search."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable

import numpy as np
from prometheus_client import Gauge

from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Vectors
from lookalike.web.pipeline import Pipeline

_K = 10
_EVERY = 10.0  # seconds
_KEPT = 32  # query vectors, in memory and nowhere else
_AVERAGED = 100  # samples


class RecallSampler:
    """Measures recall: searches for recent queries once more, exactly, and compares the two answers."""

    def __init__(self, pipeline: Pipeline, current: Callable[[], LSHIndex], told: Gauge) -> None:
        """Nothing is measured before ``run``.

        Args:
            pipeline: whose threads search.
            current: gives the index.
            told: shows the average.
        """
        self._pipeline, self._current, self._told = pipeline, current, told
        told.set(math.nan)
        self._queries: deque[Vectors] = deque(maxlen=_KEPT)
        self._samples: deque[float] = deque(maxlen=_AVERAGED)

    def remember(self, vector: Vectors) -> None:
        """Let a query, (dim,) float32, be among those that are compared."""
        self._queries.append(vector)

    @property
    def recall(self) -> float | None:
        """Mean share of the true 10 nearest over the last 100 samples; None before the first."""
        return float(np.mean(self._samples)) if self._samples else None

    async def run(self) -> None:
        """Compare the newest query every ten seconds, if there is one, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            if self._queries:
                await self.sample()

    async def sample(self) -> None:
        """Compare the newest query, and forget it."""
        vector = self._queries.pop()
        share = await self._pipeline.search(lambda: _share_found(self._current(), vector))
        if share is not None:
            self._samples.append(share)
            self._told.set(self.recall or 0.0)


def _share_found(index: LSHIndex, vector: Vectors) -> float | None:
    """Share of the true nearest that a search finds; None if there is nothing to find."""
    if vector.shape != (index.dim,) or not len(index):
        return None
    k = min(_K, len(index))
    found, true = index.search(vector, k).ids[0], index.search(vector, k, exact=True).ids[0]
    return float(np.isin(true, found).mean())
