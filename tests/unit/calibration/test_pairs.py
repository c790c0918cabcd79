"""The highest pairs against all pairs, sorted."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.calibration import pairs
from lookalike.calibration.pairs import LOOKED_AT, highest_pairs, sampled_ranks
from lookalike.calibration.scoring import GAIN
from lookalike.kernels.arrays import Vectors, unit_rows


def rows(count: int, seed: int) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32))


@pytest.mark.parametrize("among", [True, False], ids=["queries of the collection", "other queries"])
@pytest.mark.parametrize("block", [64, 8192])
def test_the_highest_pairs_are_those_of_a_full_sort(
    among: bool, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "_BLOCK", block)
    monkeypatch.setattr(pairs, "HIGHEST", 300)
    known = rows(300, 0)
    own = np.array([0, 7, 63, 64, 299]) if among else None
    queries = rows(5, 1) if own is None else known[own]
    random = np.random.default_rng(2)
    levels, query_levels = random.random(300).astype(np.float32), random.random(5).astype(np.float32)
    every = {
        (query, picture): GAIN
        * (queries[query] @ known[picture] - (query_levels[query] + levels[picture]) / 2)
        for query in range(5)
        for picture in range(300)
        if own is None or own[query] != picture
    }
    found = highest_pairs(queries, query_levels, known, levels, own)
    kept = list(zip(found.queries.tolist(), found.pictures.tolist(), strict=True))
    expected = sorted(every, key=lambda pair: -every[pair])
    count = min(300, len(every))
    assert len(set(kept)) == len(kept) == count
    assert found.scores == pytest.approx([every[pair] for pair in expected[:count]], abs=1e-4)
    assert found.scores == pytest.approx([every[pair] for pair in kept], abs=1e-4)
    for query in range(5):
        first = [pair for pair in expected if pair[0] == query][:LOOKED_AT]
        assert {
            pair for pair, seen in zip(kept, found.looked_at, strict=True) if seen and pair[0] == query
        } == set(first)


def test_the_other_pairs_are_stood_for_by_an_even_share_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "HIGHEST", 1000)
    monkeypatch.setattr(pairs, "_BULK", 2000)
    monkeypatch.setattr(pairs, "_BLOCK", 100)
    known, none = rows(500, 3), np.zeros(500, np.float32)
    found = highest_pairs(known, none, known, none, np.arange(500))
    assert len(found.bulk) > 1500
    assert found.bulk.max() <= found.scores[-1]
    assert len(found.scores) + found.bulk_weight * len(found.bulk) == pytest.approx(500 * 499)
    off = ~np.eye(500, dtype=bool)
    assert np.median(found.bulk) == pytest.approx(GAIN * np.median((known @ known.T)[off]), abs=0.2)


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 1234, 10_000])
def test_sampled_ranks_stand_for_all(count: int) -> None:
    found = list(sampled_ranks(count, 40))
    ranks = [rank for rank, _ in found]
    assert sum(weight for _, weight in found) == count
    assert ranks[:40] == list(range(min(count, 40)))
    assert ranks == sorted(set(ranks))
    assert len(found) <= 300
    assert not ranks or ranks[-1] < count
