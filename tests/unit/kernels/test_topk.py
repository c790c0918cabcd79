"""Choosing and merging the nearest, against Python's sort."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lookalike.kernels.topk import merge, nearest


@pytest.mark.parametrize("levels", [1, 3, 10**6], ids=["all tied", "many tied", "hardly tied"])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_nearest_sorts_by_distance_then_id(count: int, levels: int) -> None:
    random = np.random.default_rng(count + levels)
    ids = random.permutation(1000)[:count].astype(np.int64)
    distances = random.integers(0, levels, count).astype(np.float32)
    if count == 50:
        distances[7] = np.inf
    ranked = sorted(range(count), key=lambda place: (distances[place], ids[place]))
    for k in (1, 2, count - 1, count, count + 3):
        if k > 0:
            assert nearest(ids, distances, k).tolist() == ranked[:k]


def test_merge_ranks_the_union() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        queries, k = int(random.integers(0, 4)), int(random.integers(1, 9))
        every: list[list[tuple[float, int]]] = [[] for _ in range(queries)]
        parts = []
        free = random.permutation(1000).tolist()
        for _ in range(random.integers(1, 4)):
            width = int(random.integers(0, 6))
            ids = np.full((queries, width), -1, np.int64)
            distances = np.full((queries, width), np.inf, np.float32)
            for query in range(queries):
                filled = int(random.integers(0, width + 1))
                answer = sorted((float(random.integers(0, 3)), free.pop()) for _ in range(filled))
                every[query] += answer
                for place, (distance, id_) in enumerate(answer):
                    ids[query, place], distances[query, place] = id_, distance
            parts.append((ids, distances))
        merged_ids, merged_distances = merge(parts, k)
        assert merged_ids.shape == merged_distances.shape == (queries, k)
        assert merged_ids.dtype == np.dtype("int64")
        assert merged_distances.dtype == np.dtype("float32")
        for query, found in enumerate(every):
            expected = sorted(found)[:k] + [(math.inf, -1)] * (k - len(found))
            pairs = zip(merged_distances[query].tolist(), merged_ids[query].tolist(), strict=True)
            assert list(pairs) == expected


def test_an_id_at_infinity_stands_before_an_empty_place() -> None:
    parts = [
        (np.array([[4, -1]]), np.array([[1, np.inf]], np.float32)),
        (np.array([[9]]), np.array([[np.inf]], np.float32)),
    ]
    ids, distances = merge(parts, 3)
    assert ids.tolist() == [[4, 9, -1]]
    assert distances.tolist() == [[1, math.inf, math.inf]]
