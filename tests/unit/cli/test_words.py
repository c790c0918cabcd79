from __future__ import annotations

import doctest

import pytest

from lookalike.cli import words
from lookalike.cli.words import often


def test_its_examples() -> None:
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0, "fewer than 1 in a trillion"),
        (1 / 5.04e10, "about 1 in 50 billion"),
        (1 / 2_345_678, "about 1 in 2.3 million"),
        (1 / 999_999, "about 1 in a million"),
        (1 / 13_514, "about 1 in 14,000"),
        (0.01, "about 1 in 100"),
        (0.14, "about 1 in 7"),
        (0.2, "about 2 in 10"),
        (0.94, "about 9 in 10"),
        (1, "nearly all"),
    ],
)
def test_a_chance_in_words(chance: float, said: str) -> None:
    assert often(chance) == said


def test_a_case_has_a_name() -> None:
    assert often(0.5, "search") == "about 1 search in 2"
