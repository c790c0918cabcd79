from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from lookalike.collection.duplicates.grouping import Pair, Star, named, ordered, stars


def _older_first(image: int) -> tuple[float, ...]:
    return (float(-image),)


def _pairs(*both: tuple[int, int], strength: float = 1.0) -> list[Pair]:
    return [Pair(first, second, strength) for first, second in both]


def test_the_image_with_the_most_copies_is_the_medoid() -> None:
    pairs = [Pair(1, 2, 5.0), Pair(2, 3, 9.0), Pair(2, 4, 7.0), Pair(8, 9, 1.0)]
    assert stars(pairs, _older_first) == [Star(2, (3, 4, 1)), Star(8, (9,))]


def test_a_chain_is_cut_into_groups_of_neighbours() -> None:
    groups = stars(_pairs(*pairwise(range(50))), _older_first)
    assert max(len(group.others) for group in groups) == 2
    for group in groups:
        assert {abs(other - group.medoid) for other in group.others} == {1}
    members = [image for group in groups for image in (group.medoid, *group.others)]
    assert len(members) == len(set(members))


@pytest.mark.parametrize("seed", range(20))
def test_every_member_is_paired_with_the_medoid_and_no_pair_could_be_added(seed: int) -> None:
    r = random.Random(seed)
    pairs = [
        Pair(first, second, r.random()) for first, second in combinations(range(40), 2) if r.random() < 0.06
    ]
    together = {ordered(pair.first, pair.second) for pair in pairs}
    groups = stars(pairs, _older_first)
    members = [image for group in groups for image in (group.medoid, *group.others)]
    assert len(members) == len(set(members))
    assert all(ordered(group.medoid, other) in together for group in groups for other in group.others)
    assert all(group.others for group in groups)
    left = set(range(40)).difference(members)
    assert not any(ordered(*both) in together for both in combinations(sorted(left), 2))
    r.shuffle(pairs)
    assert stars(pairs, _older_first) == groups


def test_of_two_images_with_as_many_copies_the_preferred_is_the_medoid() -> None:
    pairs = _pairs((1, 2))
    assert stars(pairs, _older_first) == [Star(1, (2,))]
    assert stars(pairs, lambda image: (float(image),)) == [Star(2, (1,))]


def test_what_is_to_be_kept_apart_is_in_no_group_together() -> None:
    pairs = [Pair(1, 2, 9.0), Pair(1, 3, 8.0), Pair(1, 4, 7.0)]
    assert stars(pairs, _older_first, {(1, 2)}) == [Star(1, (3, 4))]
    assert stars(pairs, _older_first, {(2, 3)}) == [Star(1, (2, 4))]  # 2 is the surer copy
    assert stars(pairs, _older_first, {(1, 2), (1, 3), (1, 4)}) == []


def test_what_was_kept_apart_can_be_a_group_of_its_own() -> None:
    pairs = [Pair(1, 2, 9.0), Pair(1, 3, 8.0), Pair(1, 4, 7.0), Pair(3, 5, 1.0)]
    assert stars(pairs, _older_first, {(2, 3)}) == [Star(1, (2, 4)), Star(3, (5,))]


def test_ten_thousand_copies_of_one_picture_are_one_group() -> None:
    pairs = _pairs(*((1, other) for other in range(2, 10_002)))
    (group,) = stars(pairs, _older_first)
    assert len(group.others) == 10_000


_A, _B, _C = (bytes.fromhex(start) + bytes(30) for start in ("aa11", "bb22", "cc33"))


def test_a_new_name_is_made_of_the_medoid() -> None:
    assert named([[_A, _B], [_C]], {}) == ["aa110000", "cc330000"]


def test_a_group_keeps_its_name_whichever_of_its_images_are_left() -> None:
    known = {_A: "aa110000", _B: "aa110000"}
    assert named([[_B, _C]], known) == ["aa110000"]
    assert named([[_C]], known) == ["cc330000"]


def test_of_the_two_parts_of_a_group_the_larger_keeps_its_name() -> None:
    known = dict.fromkeys((_A, _B, _C), "aa110000")
    assert named([[_A], [_B, _C]], known) == ["aa1100000", "aa110000"]


def test_of_two_groups_that_became_one_the_larger_gives_its_name() -> None:
    assert named([[_A, _B, _C]], {_A: "first", _B: "second", _C: "second"}) == ["second"]


def test_no_two_groups_have_one_name() -> None:
    twin = _A[:5] + bytes([7]) * 27
    assert named([[_A], [twin]], {}) == ["aa110000", "aa1100000"]


def test_a_name_that_no_image_has_any_more_never_comes_again() -> None:
    assert named([[_A, _B]], {}, {"aa110000"}) == ["aa1100000"]
    assert named([[_A, _B]], {_B: "aa110000"}, {"aa110000"}) == ["aa110000"]  # it is still theirs
