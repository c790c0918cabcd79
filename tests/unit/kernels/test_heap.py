"""The k nearest so far, against Python's sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.kernels import heap

Pair = tuple[float, int]
INFINITY = float("inf")
# Few distances, so that many are tied.
distance = st.sampled_from([0.0, 1e-30, 0.5, 1.0, 2.0, 1e15, INFINITY])
pairs_of_distinct_ids = st.lists(
    st.tuples(distance, st.integers(0, 2**63 - 1)), max_size=60, unique_by=lambda pair: pair[1]
)


def nearest(pairs: list[Pair], k: int) -> list[Pair]:
    distances, ids = np.full(k, np.nan, np.float32), np.full(k, -7, np.int64)
    size = 0
    for far, id_ in pairs:
        size = heap.push(distances, ids, size, np.float32(far), np.int64(id_))
    assert size == min(k, len(pairs))
    assert ids[size:].tolist() == [-7] * (k - size)
    heap.sort(distances, ids, size)
    return list(zip(distances[:size].tolist(), ids[:size].tolist(), strict=True))


def as_stored(pairs: list[Pair]) -> list[Pair]:
    return [(float(np.float32(far)), id_) for far, id_ in pairs]


@given(pairs=pairs_of_distinct_ids, k=st.integers(1, 20))
def test_pushed_and_sorted_are_the_smallest(pairs: list[Pair], k: int) -> None:
    assert nearest(pairs, k) == sorted(as_stored(pairs))[:k]


@pytest.mark.parametrize("levels", [1, 3, 10**9], ids=["all tied", "many tied", "hardly tied"])
@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_many_pairs_in_any_order(order: str, levels: int) -> None:
    random = np.random.default_rng(levels)
    far = random.integers(0, levels, 500).astype(np.float32).tolist()
    pairs = sorted(zip(far, random.permutation(500).tolist(), strict=True), reverse=order == "descending")
    if order == "shuffled":
        random.shuffle(pairs)
    for k in (1, 2, 7, 64, 499, 500, 501):
        assert nearest(pairs, k) == sorted(pairs)[:k]


def test_the_worst_lies_on_top() -> None:
    random = np.random.default_rng(0)
    distances, ids = np.empty(9, np.float32), np.empty(9, np.int64)
    size, offered = 0, []
    for id_ in random.permutation(100).tolist():
        offered.append((float(random.integers(0, 5)), id_))
        size = heap.push(distances, ids, size, np.float32(offered[-1][0]), np.int64(id_))
        assert (distances[0], ids[0]) == sorted(offered)[:9][-1]


def test_sorting_nothing_leaves_everything() -> None:
    distances, ids = np.array([3, 1], np.float32), np.array([5, 6])
    heap.sort(distances, ids, 0)
    assert (distances.tolist(), ids.tolist()) == ([3, 1], [5, 6])
