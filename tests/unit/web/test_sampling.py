from __future__ import annotations

import asyncio
from contextlib import closing

import numpy as np
import pytest

from lookalike.index import LSHIndex
from lookalike.web.metrics import Metrics
from lookalike.web.pipeline import Pipeline
from lookalike.web.sampling import RecallSampler


class TestSampling:
    @staticmethod
    def index(rows: int) -> LSHIndex:
        made = LSHIndex(16)
        if rows:
            made.add(np.arange(rows), np.random.default_rng(0).standard_normal((rows, 16)))
        return made

    def sampled(self, index: LSHIndex, *queries: np.ndarray) -> float | None:
        with closing(Pipeline(1)) as pipeline:
            sampler = RecallSampler(pipeline, lambda: index, Metrics().recall.labels("a"))
            for query in queries:
                sampler.remember(query.astype(np.float32))
                asyncio.run(sampler.sample())
            return sampler.recall

    def test_a_scan_finds_all(self) -> None:
        random = np.random.default_rng(1)
        assert self.sampled(self.index(200), *random.standard_normal((3, 16))) == 1.0

    def test_what_was_missed_is_seen(self) -> None:
        """An index that looks into half of its rows, so that the share it misses can be counted here."""
        index = self.index(400)
        queries = np.random.default_rng(1).standard_normal((20, 16))
        half = np.arange(200)

        class Half(LSHIndex):
            def search(self, queries, k, *, exact=False, **_):  # type: ignore[no-untyped-def]
                return index.search(queries, k, exact=True, among=None if exact else half)

        true = index.search(queries, 10, exact=True).ids
        assert self.sampled(Half(16), *queries) is None  # it is empty
        known = Half(16)
        known.add([0], np.ones((1, 16)))
        nearest = true[:, 0]
        assert self.sampled(known, *queries) == pytest.approx(np.mean(nearest < 200))

    def test_nothing_to_find_is_no_sample(self) -> None:
        assert self.sampled(self.index(0), np.ones(16)) is None
        assert self.sampled(self.index(5), np.ones(8)) is None
