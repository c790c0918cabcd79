"""Scores that are looked up, 32 codes at a time and one by one, against differing bits that are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import twins
from lookalike.kernels import lookups
from lookalike.kernels.lookups import _score_32, _score_one_by_one, scorer

FREE = 12_345  # a score that no code can have: at most 7 * 128


def _runner(score_block: Any) -> Any:
    score = scorer(score_block)

    @njit
    def run(
        codes: Any, start: int, size: int, looked_up: Any, scores: Any, at: int, minima: Any, block: int
    ) -> Any:
        return score(codes, (start, size), looked_up, scores, minima, (at, block))

    return run


WAYS = {"one by one": _runner(_score_one_by_one)}
if lookups.HAS_AVX2:
    WAYS["by 32"] = _runner(_score_32)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60)
@given(
    size=st.sampled_from([0, 1, 5, 31, 32, 33, 63, 64, 65, 200]),
    start=st.integers(0, 9),
    at=st.integers(0, 70),
    wide=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_looked_up_scores_are_the_counted_ones(
    way: str, size: int, start: int, at: int, wide: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(0, 2**64, (size, 8), dtype=np.uint64)
    pattern = random.integers(0, 2**64, (4, 8), dtype=np.uint64)
    if wide:  # every margin as wide as can be, and one row that differs in every bit
        pattern[1:] = 2**64 - 1
        rows[:1] = ~pattern[0]
    own = np.ascontiguousarray(rows[:, :2]).view(np.uint8).T.reshape(-1)
    codes = np.concatenate([random.integers(0, 256, start, np.uint8), own, np.zeros(32, np.uint8)])
    table = np.empty((32, 32), np.uint8)
    lookups.lookups_of(pattern, table)
    scores, minima = np.full(at + size + 31, FREE, np.uint16), np.full(20, FREE, np.uint16)
    assert WAYS[way](codes, start, size, table, scores, at, minima, 3) == 3 + -(-size // 32)
    expected = twins.differences(rows, pattern, 2)
    assert scores[at : at + size].tolist() == expected
    assert (scores[:at] == FREE).all()
    least = [min(expected[place : place + 32]) for place in range(0, size, 32)]
    assert minima.tolist() == [FREE] * 3 + least + [FREE] * (17 - len(least))
