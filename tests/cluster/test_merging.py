"""Answers of shards put together."""

from __future__ import annotations

import numpy as np

from lookalike.cluster import merging
from lookalike.index import Neighbors, Work


def test_the_nearest_of_all_shards_with_the_recall_of_where_they_come_from() -> None:
    far = np.inf
    one = Neighbors(
        np.array([[7, 3], [5, -1], [-1, -1]]),
        np.array([[0.1, 0.4], [0.5, far], [far, far]], np.float32),
        Work(distances=3),
        np.array([0.5, 1.0, 1.0], np.float32),
    )
    other = Neighbors(
        np.array([[4, 9], [-1, -1], [-1, -1]]),
        np.array([[0.2, 0.3], [far, far], [far, far]], np.float32),
        Work(distances=4),
        np.array([0.9, np.nan, 1.0], np.float32),
    )
    merged = merging.nearest([one, other], 3)
    assert merged.ids.tolist() == [[7, 4, 9], [5, -1, -1], [-1, -1, -1]]
    assert merged.work == Work(distances=7)
    np.testing.assert_allclose(merged.recall, [(0.5 + 0.9 + 0.9) / 3, 1, 1], rtol=1e-6)
