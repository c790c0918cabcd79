"""Choosing and merging the nearest, against Python's sort."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.kernels.topk import nearest


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
