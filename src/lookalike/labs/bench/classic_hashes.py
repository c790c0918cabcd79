"""Perceptual hashes that do not learn, as others implement them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import imagehash
import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

Bits = NDArray[np.uint8]


def _phash(image: Image.Image) -> Bits:
    return np.packbits(imagehash.phash(image).hash)


def _dhash(image: Image.Image) -> Bits:
    return np.packbits(imagehash.dhash(image).hash)


def _pdq(image: Image.Image) -> Bits:
    bits, _quality = pdqhash.compute(np.asarray(image))
    return np.packbits(bits.astype(bool))


HASHES: Mapping[str, Callable[[Image.Image], Bits]] = MappingProxyType(
    {"pHash": _phash, "dHash": _dhash, "PDQ": _pdq}
)
"""RGB picture to packed bits: 64 of pHash and dHash (ImageHash), 256 of Meta's PDQ (pdqhash)."""


def first_by_chance(distances: NDArray[np.int64], own: int) -> float:
    """The chance that one of the rows comes first when equal distances are put in any order.

    Args:
        distances: (n,) from a query to each row.
        own: the row.
    """
    least = distances.min()
    return 1 / int((distances == least).sum()) if distances[own] == least else 0.0


def hamming(query: Bits, rows: Bits) -> NDArray[np.int64]:
    """Bits that differ between a hash, (bytes,), and each row, (n, bytes)."""
    return np.asarray(np.bitwise_count(query ^ rows).sum(axis=1), np.int64)
