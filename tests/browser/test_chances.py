"""Chances, and what was done to a picture, as the page says them."""

from __future__ import annotations

import pytest

from visitor import Visitor

pytestmark = pytest.mark.slow


def _said(visitor: Visitor, call: str) -> str:
    said: str = visitor.page.evaluate(f"import('/static/chances.js').then((chances) => chances.{call})")
    return said


def test_odds_have_two_digits_that_mean_something(visitor: Visitor) -> None:
    for chance, words in (
        (1 / 3, "1 in 3"),
        (1 / 43_543, "1 in 44,000"),
        (1e-5, "1 in 100,000"),
        (1e-6, "1 in a million"),
        (1 / 2_345_678, "1 in 2.3 million"),
        (1 / 5.04e10, "1 in 50 billion"),
        (1e-12, "less than 1 in a trillion"),
        (0, "less than 1 in a trillion"),
    ):
        assert _said(visitor, f"odds({chance!r})") == words


def test_a_chance_is_said_for_people(visitor: Visitor) -> None:
    said = "About 1 chance in 40,000 that an unrelated picture looks so alike in this search."
    assert _said(visitor, "strangerInSearch(2.5e-5)") == said
    assert (
        _said(visitor, "strangerInSearch(0.9)")
        == "In most searches an unrelated picture looks as much alike."
    )
    said = "Less than 1 chance in a trillion that an unrelated picture looks so alike in this search."
    assert _said(visitor, "strangerInSearch(0)") == said
    assert (
        _said(visitor, "strangerPair(1e-9)")
        == "About one pair of unrelated pictures in a billion looks so alike."
    )


def test_a_rate_is_said_for_the_size_of_the_collection(visitor: Visitor) -> None:
    for expected, words in (
        (0.009144, "About one search in 110 calls a different picture a copy."),
        (1e-13, "Less than one search in a trillion calls a different picture a copy."),
        (0.8, "A search calls about one different picture a copy."),
        (9.1, "A search calls about 9 different pictures copies."),
    ):
        assert _said(visitor, f"falseCopies({expected})") == words


def test_what_was_done_is_said_of_the_copy(visitor: Visitor) -> None:
    for words, said in (
        ("['set into a larger picture, 76 % of it']", "Yours shows more: this is 76 % of it."),
        ("['mirrored', 'cropped to 31 %']", "Yours is mirrored, cropped to 31 %."),
        ("[]", "Yours is the whole picture, saved again, resized or recoloured."),
    ):
        assert (
            visitor.page.evaluate(f"import('/static/words.js').then((it) => it.done({words}, 'Yours'))")
            == said
        )
