from __future__ import annotations

import numpy as np

from lookalike.collection.crowds import is_crowd, is_near_crowd
from lookalike.kernels.arrays import Vectors

DIM = 64


def _crowd(count: int, alike: float) -> Vectors:
    """Vectors of length 1, any two of which have this cosine."""
    vectors = np.sqrt(1 - alike) * np.eye(count, DIM)
    vectors[:, -1] = np.sqrt(alike)
    return vectors.astype(np.float32)


def test_a_crowd_is_nine_that_are_alike() -> None:
    assert is_crowd(np.full(9, 0.5, np.float32))
    assert is_crowd(np.array([0.9] * 9 + [0.1], np.float32))  # the tenth does not count
    assert not is_crowd(np.full(8, 0.9, np.float32))
    assert not is_crowd(np.array([0.9] * 8 + [0.49], np.float32))


def test_a_picture_lies_in_a_crowd_if_its_nearest_are_alike_to_it() -> None:
    page, *pages = _crowd(21, 0.6)
    assert is_near_crowd(page, np.array(pages))
    assert is_near_crowd(page, np.array(pages[:9]))
    assert not is_near_crowd(page, np.array(pages[:8]))
    photo, *photos = _crowd(21, 0.3)
    assert not is_near_crowd(photo, np.array(photos))


def test_a_picture_lies_beside_a_crowd_if_two_of_its_likeliest_lie_in_it() -> None:
    pages = _crowd(20, 0.6)
    page = 0.45 * pages[0] + 0.01 * pages[1]  # what is left of it is like no other
    page[DIM - 2] = np.sqrt(1 - page @ page)
    assert (pages @ page).max() < 0.5
    assert is_near_crowd(page, pages)
    assert not is_near_crowd(page, pages[:9])  # each of which is like eight others
    strangers = _crowd(20, 0.1)
    strangers[:1] = pages[:1]
    assert not is_near_crowd(page, strangers)
