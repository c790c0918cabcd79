from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lookalike.labs.learn.objectives import (
    contrastive_loss,
    entropy_loss,
    likeness_loss,
    similarity_loss,
)


def _units(seed: int, n: int, dim: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(n, dim, generator=generator, dtype=torch.float64), dim=1)


def _softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def test_similarity_loss_by_hand() -> None:
    embeddings, targets, bank = _units(1, 3), _units(2, 3), _units(3, 5)
    total = 0.0
    for embedding, target in zip(embeddings, targets, strict=True):
        seen = _softmax([float(embedding @ row) / 0.2 for row in bank])
        wanted = _softmax([float(target @ row) / 0.2 for row in bank])
        total -= sum(w * math.log(s) for w, s in zip(wanted, seen, strict=True))
    np.testing.assert_allclose(float(similarity_loss(embeddings, targets, bank, 0.2)), total / 3)


def test_similarity_loss_is_least_where_student_and_teacher_agree() -> None:
    targets, bank = _units(2, 3), _units(3, 9)
    agreed = similarity_loss(targets, targets, bank, 0.2)
    assert agreed < min(similarity_loss(_units(seed, 3), targets, bank, 0.2) for seed in range(10, 20))


SURE = torch.eye(3, dtype=torch.bool)
UNSURE = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])


@pytest.mark.parametrize("unsure", [SURE, UNSURE])
def test_contrastive_loss_by_hand(unsure: Tensor) -> None:
    first, second = _units(4, 3), _units(5, 3)
    both = [*first, *second]
    total = 0.0
    for place, row in enumerate(both):
        others = [
            other
            for other in range(6)
            if other != place and (other % 3 == place % 3 or not unsure[place % 3, other % 3])
        ]
        shares = _softmax([float(row @ both[other]) / 0.3 for other in others])
        total -= math.log(shares[others.index((place + 3) % 6)])
    np.testing.assert_allclose(float(contrastive_loss(first, second, unsure, 0.3)), total / 6)


@pytest.mark.parametrize("unsure", [SURE, UNSURE])
def test_entropy_loss_by_hand_and_falls_as_pictures_part(unsure: Tensor) -> None:
    first, second = _units(6, 3), _units(7, 3)
    both = [*first, *second]
    total = 0.0
    for place, row in enumerate(both):
        gaps = [float((row - other).norm()) for at, other in enumerate(both) if not unsure[at % 3, place % 3]]
        total -= math.log(min(gaps))
    np.testing.assert_allclose(float(entropy_loss(first, second, unsure)), total / 6, rtol=1e-6)
    crowded = functional.normalize(first + 5, dim=1)
    assert entropy_loss(first, first, SURE) < entropy_loss(crowded, crowded, SURE)


def test_likeness_loss_by_hand() -> None:
    features, wanted = _units(9, 3), _units(10, 3)
    centre = wanted.mean(0)
    cosines = [
        float((one - centre) @ (other - centre) / ((one - centre).norm() * (other - centre).norm()))
        for one, other in zip(features, wanted, strict=True)
    ]
    np.testing.assert_allclose(float(likeness_loss(features, wanted)), 1 - sum(cosines) / 3)
    assert abs(float(likeness_loss(wanted, wanted))) < 1e-9


def test_losses_have_slopes_everywhere_even_between_equal_pictures() -> None:
    same = _units(8, 1).repeat(4, 1).requires_grad_()
    loss = contrastive_loss(same[:2], same[2:], SURE[:2, :2], 0.1)
    loss = loss + entropy_loss(same[:2], same[2:], SURE[:2, :2])
    loss.backward()  # type: ignore[no-untyped-call]
    assert same.grad is not None
    assert bool(torch.isfinite(same.grad).all())
