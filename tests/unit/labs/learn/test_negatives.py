"""What the copy part loses of strangers: near pictures are parted, far ones and copies stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lookalike.labs.learn.negatives import SHARE, Negatives, fit_negatives

DIM = 64


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def groups() -> NDArray[np.float32]:
    """Eight kinds of 40 pictures each, (320, 64), whose kinds make up two thirds of them."""
    draw = np.random.default_rng(2)
    kinds, own = _unit(draw.normal(size=(8, DIM))), _unit(draw.normal(size=(320, DIM)))
    return _unit(np.sqrt(2 / 3) * np.repeat(kinds, 40, axis=0) + np.sqrt(1 / 3) * own.astype(np.float64))


def test_each_negative_is_the_mean_of_the_pictures_nearest_to_it(groups: NDArray[np.float32]) -> None:
    centres = fit_negatives(groups, 12, seed=1)
    assert (centres.shape, centres.dtype) == ((12, DIM), np.float32)
    nearest = (groups @ centres.T).argmax(axis=1)
    means = _unit(np.stack([groups[nearest == number].mean(axis=0) for number in range(12)]))
    assert (means * centres).sum(axis=1).min() > 0.98
    np.testing.assert_array_equal(centres, fit_negatives(groups, 12, seed=1))


def test_strangers_of_one_kind_are_parted_and_copies_are_not(groups: NDArray[np.float32]) -> None:
    negatives = Negatives(12, DIM)
    negatives.centres.copy_(torch.from_numpy(fit_negatives(groups, 12, seed=1)))
    edited = _unit(groups + 0.02 * np.random.default_rng(3).normal(size=groups.shape))

    def seen(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return _unit(negatives(torch.from_numpy(rows)).double().numpy())

    others = ~np.eye(40, dtype=bool)
    strangers_before, strangers = (
        np.concatenate([(kind @ kind.T)[others] for kind in rows.reshape(8, 40, DIM)])
        for rows in (groups, seen(groups))
    )
    assert strangers_before.mean() > 0.6
    assert strangers.mean() < 0.2
    assert (seen(groups) * seen(edited)).sum(axis=1).mean() > 0.9


def test_a_picture_amid_one_negative_loses_a_share_of_it() -> None:
    negatives = Negatives(2, DIM)
    negatives.centres.copy_(torch.eye(DIM)[:2])
    found = negatives(torch.eye(DIM)[:3]).numpy()
    np.testing.assert_allclose(found[0], (1 - SHARE) * np.eye(DIM)[0], atol=1e-5)
    np.testing.assert_allclose(
        found[2], np.eye(DIM)[2] - SHARE * (np.eye(DIM)[0] + np.eye(DIM)[1]) / 2, atol=1e-6
    )


def test_zeros_change_nothing() -> None:
    rows = torch.from_numpy(_unit(np.random.default_rng(4).normal(size=(5, DIM))))
    np.testing.assert_array_equal(Negatives(3, DIM)(rows), rows)
