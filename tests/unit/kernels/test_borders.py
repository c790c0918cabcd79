"""Borders between scores, against sorting them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.kernels.borders import border_of


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 70))
def test_a_border_holds_what_is_kept_and_beyond_is_the_next(scores: list[int], keep: int) -> None:
    border, beyond = border_of(np.array(scores, np.uint16), keep, 50, 1000, 0)
    assert border == (50 if keep >= len(scores) else sorted(scores)[keep - 1])
    assert beyond == min((score for score in scores if score > border), default=51)


@given(st.lists(st.integers(0, 50), min_size=6, max_size=60), st.integers(1, 5), st.integers(0, 60))
def test_a_border_is_no_lower_than_it_is_told_to_be(scores: list[int], keep: int, least: int) -> None:
    border, beyond = border_of(np.array(scores, np.uint16), keep, 50, 1000, least)
    assert border == min(max(sorted(scores)[keep - 1], least), 50)
    assert beyond == min((score for score in scores if score > border), default=51)


@pytest.mark.parametrize("keep", [30, 500, 5000])
def test_of_very_many_scores_a_sample_places_both(keep: int) -> None:
    scores = np.random.default_rng(keep).integers(0, 300, 50_000).astype(np.uint16)
    border, beyond = border_of(scores, keep, 900, 2048, 0)
    assert keep / 1.6 < (scores <= border).sum() < keep * 1.6 + 200
    assert border < beyond <= border + 30
