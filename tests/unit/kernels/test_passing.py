"""Scores within a border as the bits of a word, against comparing them one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from lookalike.kernels.passing import SCORES, lowest, passing


@njit
def run(scores: Any, first: int, border: int) -> Any:
    return passing(scores, first, border)


@njit
def places(word: Any) -> Any:
    found = np.empty(64, np.int64)
    count = 0
    while word != 0:
        found[count] = lowest(word)
        count += 1
        word &= word - np.uint64(1)
    return found[:count]


@given(
    scores=st.lists(st.sampled_from([0, 1, 499, 500, 501, 32_767, 32_768, 65_535]), min_size=40, max_size=40),
    first=st.integers(0, 8),
    border=st.sampled_from([0, 1, 500, 32_767, 32_768, 65_535]),
)
def test_a_bit_is_set_for_each_score_within_the_border(scores: list[int], first: int, border: int) -> None:
    found = int(run(np.array(scores, np.uint16), first, border))
    expected = [score <= border for score in scores[first : first + SCORES]]
    assert [bool(found >> bit & 1) for bit in range(64)] == expected + [False] * 32


@given(word=st.integers(0, 2**64 - 1))
def test_the_ones_of_a_word_are_found_from_the_lowest_on(word: int) -> None:
    assert places(np.uint64(word)).tolist() == [bit for bit in range(64) if word >> bit & 1]
