"""Whole sketches that are compared at once, and word by word, against counting each bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import twins
from lookalike.kernels import sketches


def _runner(difference: Any) -> Any:
    @njit
    def run(stored: Any, row: int, pattern: Any) -> Any:
        return difference(stored, row, pattern)

    return run


WAYS = {"word by word": _runner(sketches._word_by_word)}
if sketches.COUNTS_WORDS:
    WAYS["at once"] = _runner(sketches._at_once)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=50)
@given(count=st.integers(1, 5), widest=st.booleans(), seed=st.integers(0, 2**32))
def test_a_difference_adds_up_the_widths_of_the_differing_bits(
    way: str, count: int, widest: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    stored = random.integers(0, 2**64, (count, 8), dtype=np.uint64)
    pattern = random.integers(0, 2**64, (4, 8), dtype=np.uint64)
    if widest:
        pattern[1:] = 2**64 - 1
        stored[0] = ~pattern[0]
    found = [int(WAYS[way](stored, row, pattern)) for row in range(count)]
    assert found == twins.differences(stored, pattern, 8)
    assert not widest or found[0] == 7 * 512
