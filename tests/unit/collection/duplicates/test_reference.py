from __future__ import annotations

from lookalike.collection.duplicates.grouping import Pair, Star
from lookalike.collection.duplicates.reference import copies_of_reference


def test_each_image_goes_to_the_reference_that_it_is_most_surely_a_copy_of() -> None:
    pairs = [Pair(1, 11, 5.0), Pair(12, 1, 9.0), Pair(2, 11, 7.0), Pair(11, 12, 20.0), Pair(1, 2, 20.0)]
    assert copies_of_reference(pairs, {1, 2}, {11, 12}) == [Star(1, (12,)), Star(2, (11,))]
    assert copies_of_reference(pairs, {2}, {11, 12}) == [Star(2, (11,))]
    assert copies_of_reference(pairs, set(), {11, 12}) == []


def test_an_image_with_files_on_both_sides_is_a_group_of_its_own() -> None:
    pairs = [Pair(1, 2, 9.0), Pair(1, 3, 8.0)]
    assert copies_of_reference(pairs, {1, 2}, {2, 3}) == [Star(2, ()), Star(1, (3,))]
