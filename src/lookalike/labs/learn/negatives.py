"""What a picture shares with strangers, and its removal from the copy part.

Two pictures of ships come near to each other because both look like a ship. That says nothing about copies.
So the copy part keeps many negatives, each the mean of a few training pictures that look alike, and subtracts
from a picture those to which it is nearest. What is left is what the picture has for itself. This is the
negative embedding subtraction of Yokoo ("Contrastive learning with large memory bank and negative embedding
subtraction for accurate copy detection", arXiv 2112.04323, 2021), weighted by a softmax, so that no embedding
jumps where the nearest negatives change.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

TEMPERATURE = 0.06
"""Of the softmax over the cosines to all negatives."""

SHARE = 0.8
"""How much of the weighted mean of the negatives is subtracted."""

_ROUNDS = 20


class Negatives(nn.Module):
    """Subtracts from each row the negatives that it is nearest to.

    Attributes:
        centres: (count, dim) float32, rows of unit length; not trained.
    """

    centres: Tensor

    def __init__(self, count: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(count, dim))

    def forward(self, rows: Tensor) -> Tensor:
        """Unit rows (n, dim) float32 to (n, dim), of any length."""
        weights = torch.softmax(rows @ self.centres.T / TEMPERATURE, dim=1)
        return rows - SHARE * (weights @ self.centres)


def fit_negatives(rows: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """The centres of k-means over training pictures, at unit length.

    A centre stands for several pictures. A picture would stand for itself, and be lost to a search for it.

    Args:
        rows: (n, dim) float32 of unit length, n at least ``count``.
        count: negatives wanted.
        seed: of the centres' start.

    Returns:
        (count, dim) float32.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415  takes a second, and other commands fit none

    centres = KMeans(count, n_init=1, max_iter=_ROUNDS, random_state=seed).fit(rows).cluster_centers_
    return np.asarray(centres / np.linalg.norm(centres, axis=1, keepdims=True), np.float32)
