from __future__ import annotations

from lookalike.collection.duplicates.grouping import Pair, Star
from lookalike.collection.duplicates.similar import extended


def _older_first(image: int) -> tuple[float, ...]:
    return (float(-image),)


def test_what_is_similar_to_a_medoid_joins_its_group_and_the_rest_are_groups_of_their_own() -> None:
    copies = [Star(1, (2,)), Star(5, (6,))]
    pairs = [Pair(1, 3, 0.8), Pair(5, 3, 0.7), Pair(2, 4, 0.9), Pair(7, 8, 0.9), Pair(3, 8, 0.9)]
    # 4 is similar to a copy and not to the medoid; 3 goes to the medoid that it is more similar to.
    assert extended(copies, pairs, _older_first, set()) == [Star(1, (2, 3)), Star(5, (6,)), Star(7, (8,))]


def test_what_is_to_be_kept_apart_joins_no_group() -> None:
    copies = [Star(1, (2,))]
    pairs = [Pair(1, 3, 0.8), Pair(1, 4, 0.7)]
    assert extended(copies, pairs, _older_first, {(2, 3)}) == [Star(1, (2, 4))]
    assert extended(copies, pairs, _older_first, {(1, 3), (3, 4)}) == [Star(1, (2, 4))]
