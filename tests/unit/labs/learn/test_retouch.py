from __future__ import annotations

import torch

from lookalike.labs.learn.retouch import retouched


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _dots() -> torch.Tensor:
    """Six equal pictures: black, with a large white square left of the middle."""
    views = torch.zeros(6, 64, 64, 3, dtype=torch.uint8)
    views[:, 24:40, 8:24] = 255
    return views


def test_each_view_is_moved_by_other_amounts_some_are_mirrored_and_chance_comes_again() -> None:
    planes = retouched(_dots(), _draw(3))
    assert planes.shape == (6, 3, 64, 64)
    assert planes.dtype == torch.float32
    assert 0 <= float(planes.min()) <= float(planes.max()) <= 255
    across = (planes.mean(1) * torch.arange(64)).sum((1, 2)) / planes.mean(1).sum((1, 2))
    assert len({round(float(place), 1) for place in across}) == 6
    left, right = int((across < 30).sum()), int((across > 34).sum())
    assert min(left, right) > 0
    assert left + right == 6
    assert torch.equal(planes, retouched(_dots(), _draw(3)))
    assert not torch.equal(planes, retouched(_dots(), _draw(4)))


def test_a_picture_of_one_colour_stays_one_and_keeps_near_it() -> None:
    plain = torch.full((8, 16, 16, 3), 100, dtype=torch.uint8)
    planes = retouched(plain, _draw(1))
    assert float(planes.std((2, 3)).max()) < 1e-3
    assert float((planes - 100).abs().max()) < 21
    assert len({round(float(value), 3) for value in planes.mean((1, 2, 3))}) == 8
