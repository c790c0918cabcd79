from __future__ import annotations

import numpy as np
import torch

from lookalike.labs.learn.strangers import COPIES, maybe_copies, nearest_strangers


def _at(*degrees: float) -> torch.Tensor:
    angles = torch.deg2rad(torch.tensor(degrees))
    return torch.stack([torch.cos(angles), torch.sin(angles)], dim=1)


def test_the_nearest_that_cannot_be_copies() -> None:
    targets = _at(0, 5, 50, 80, 200)  # 5 degrees apart: a cosine of 0.996, above COPIES
    assert np.cos(np.deg2rad(5)) > COPIES > np.cos(np.deg2rad(50))
    nearest = nearest_strangers(targets, torch.zeros(5, dtype=torch.bool), 2)
    np.testing.assert_array_equal(nearest, [[2, 3], [2, 3], [1, 0], [1, 0], [3, 2]])


def test_drawn_pages_are_always_different_but_a_picture_and_a_page_may_not_be() -> None:
    targets = _at(0, 5, 50, 5)
    pages = torch.tensor([True, True, False, False])
    found = maybe_copies(targets, targets, pages, pages)
    assert found.tolist() == [
        [False, False, False, True],
        [False, False, False, True],
        [False, False, True, False],
        [True, True, False, True],
    ]
    np.testing.assert_array_equal(nearest_strangers(targets, pages, 2)[:2], [[1, 2], [0, 2]])


def test_blocks_of_rows_do_not_show() -> None:
    draw = torch.Generator().manual_seed(1)
    targets = torch.nn.functional.normalize(torch.randn(1500, 8, generator=draw), dim=1)
    found = nearest_strangers(targets, torch.zeros(1500, dtype=torch.bool), 3)
    cosines = targets @ targets.T
    for row in (0, 1023, 1024, 1499):
        ranked = [
            n
            for n in cosines[row].argsort(descending=True).tolist()
            if n != row and cosines[row, n] <= COPIES
        ]
        assert found[row].tolist() == ranked[:3]
