"""What an embedder gives, held to what it promises: a row of finite numbers and unit length for each picture.

Networks break this: an overflow makes NaN, a black picture a zero, a layer without a fixed size a row of
another length. One such row would spoil a whole index, so the picture is refused instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embed.base import Embedder
from lookalike.errors import ImageError
from lookalike.kernels.arrays import Vectors

if TYPE_CHECKING:
    from PIL import Image

_ROUNDING = 1e-3  # how far a row's length may be from 1


def checked(vectors: NDArray[Any], images: int, dim: int) -> Vectors:
    """The gate for what a network gives.

    Args:
        vectors: for ``images`` pictures.
        images: how many pictures there were.
        dim: how many numbers there should be for each.

    Returns:
        (images, dim) float32 rows of unit length: the same numbers.

    Raises:
        ImageError: they are not that.
    """
    shape = np.shape(vectors)
    if shape != (images, dim):
        raise ImageError(f"the network gives an array of shape {shape} for the picture, not {(images, dim)}")
    rows = np.asarray(vectors, np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= _ROUNDING))
    if len(wrong):
        length = lengths[wrong[0]]
        what = f"a vector of length {length:.3g}, not 1" if np.isfinite(length) else "NaN or infinity"
        raise ImageError(f"the network gives {what} for the picture, so it cannot be searched for")
    return rows


def embed_each(embedder: Embedder, images: Sequence[Image.Image]) -> list[Vectors | ImageError]:
    """Embed pictures such that one the network cannot deal with does not stop the others.

    Returns:
        For each picture its vector, (dim,) float32, or why there is none.
    """
    try:
        return list(embedder.embed(images))
    except ImageError as error:
        if len(images) == 1:
            return [error]
    return [outcome for image in images for outcome in embed_each(embedder, [image])]
