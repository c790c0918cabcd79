"""Pictures that look alike to the teacher and are no copies: from them a network learns to look closely."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

COPIES = 0.8
"""Cosine of two targets from which on two pictures may be copies of each other, as in a folder that holds
some pictures twice. Drawn pages are always different, however near the teacher sees them."""

_AT_ONCE = 1024


def maybe_copies(targets: Tensor, others: Tensor, pages: Tensor, other_pages: Tensor) -> Tensor:
    """Whether two pictures may be copies of each other, by the teacher: (n, m) bool.

    Args:
        targets: (n, dim) float32 unit rows of the teacher.
        others: (m, dim) the same of other pictures.
        pages: (n,) bool, which are drawn pages.
        other_pages: (m,) bool.
    """
    return (targets @ others.T > COPIES) & ~(pages[:, None] & other_pages)


def nearest_strangers(targets: Tensor, pages: Tensor, count: int) -> NDArray[np.int64]:
    """The nearest pictures of each picture that cannot be copies of it.

    Args:
        targets: (n, dim) float32 unit rows of the teacher, n above ``count``.
        pages: (n,) bool, which are drawn pages.
        count: of strangers wanted.

    Returns:
        (n, count) int64.
    """
    parts = []
    for start in range(0, len(targets), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        cosines = targets[rows] @ targets.T
        cosines[maybe_copies(targets[rows], targets, pages[rows], pages)] = -torch.inf
        own = torch.arange(len(cosines), device=cosines.device)
        cosines[own, own + start] = -torch.inf
        parts.append(cosines.topk(count, dim=1).indices.cpu().numpy())
    return np.concatenate(parts)
