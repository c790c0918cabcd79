from __future__ import annotations

import math

import pytest

from lookalike.collection.hashes import hash_difference
from lookalike.errors import UsageError


def test_bits_are_counted() -> None:
    found = hash_difference("ff00" * 16, "fe01" * 16)
    assert (found.differing, found.bits) == (32, 256)


def test_the_chance_is_the_tail_of_the_binomial() -> None:
    """Of 16 coins: none of 65,536 ways differs in no bit but one; 1 + 16 + 120 in at most two."""
    assert hash_difference("ffff", "ffff").chance == 1 / 65536
    assert hash_difference("ffff", "fffc").chance == 137 / 65536
    assert hash_difference("ffff", "0000").chance == 1
    assert 0 < hash_difference("0" * 128, "0" * 127 + "1").chance < 1e-150


@pytest.mark.parametrize(("differing", "similarity"), [(0, 1), (4, math.sqrt(0.5)), (8, 0), (16, -1)])
def test_the_similarity_is_the_cosine_of_the_angle(differing: int, similarity: float) -> None:
    other = f"{(1 << differing) - 1:04x}"
    assert hash_difference("0000", other).similarity == pytest.approx(similarity, abs=1e-12)


def test_fewer_bits_are_rarer_among_strangers() -> None:
    pairs = [hash_difference("0" * 64, f"{(1 << bits) - 1:064x}").pairs for bits in range(257)]
    assert pairs == sorted(pairs, reverse=True)
    assert (pairs[0], pairs[60], pairs[90], pairs[128]) == (100_000, 10_000, 1_000, 1)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("5f", "5f5f", "hashes of 8 and 16 bits"),
        ("", "", "hashes of 0 and 0 bits"),
        (
            "xy",
            "5f",
            "^xy is no hash: it needs an even number of the digits 0 to 9 and a to f, as lookalike hash",
        ),
        ("5", "5", "^5 is no hash"),
        ("5f", "é0", "^é0 is no hash"),
    ],
)
def test_what_is_no_pair_of_hashes(first: str, second: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hash_difference(first, second)
