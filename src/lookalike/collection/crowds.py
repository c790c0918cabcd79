"""Crowds: images that are all so alike to the embedder, as pages are, that a copy may lie behind others."""

from __future__ import annotations

import numpy as np

from lookalike.kernels.arrays import Vectors

NEIGHBOURS = 9
"""Nearest images that tell whether an image lies in a crowd."""

CROWDED = 0.5
"""Copy similarity of all of them from which it does. Of photos 1 % do, of pages 80 %."""

BESIDE, IN_IT = 3, 2
"""Neighbours of an image, the likeliest copies, and how many of them lie in a crowd if it lies beside one: it
was edited so much that it is less like the others than they are like each other."""


def is_crowd(similarities: Vectors) -> bool:
    """Whether an image lies in a crowd, by the copy similarities of its nearest images, the nearest first."""
    return len(similarities) >= NEIGHBOURS and bool(similarities[:NEIGHBOURS].min() >= CROWDED)


def is_near_crowd(copy: Vectors, copies: Vectors) -> bool:
    """Whether a picture lies in a crowd or beside one, as far as its nearest images tell.

    Args:
        copy: (dim,) its copy part.
        copies: (n, dim) those of the images nearest to it, the nearest first.
    """
    similarities = copies @ copy
    if len(copies) <= NEIGHBOURS or is_crowd(similarities):
        return is_crowd(similarities)
    likeliest = np.argsort(-similarities, kind="stable")[:BESIDE]
    others = (copies[likeliest] @ copies.T >= CROWDED).sum(axis=1) - 1  # without the image itself
    return int((others >= NEIGHBOURS).sum()) >= IN_IT
