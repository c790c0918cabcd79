"""Perceptual hashes that do not learn, as others implement them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

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


def _whash(image: Image.Image) -> Bits:
    return np.packbits(imagehash.whash(image).hash)


def _pdq(image: Image.Image) -> Bits:
    bits, _quality = pdqhash.compute(np.asarray(image))
    return np.packbits(bits.astype(bool))


Hashes = Mapping[str, Callable[[Image.Image], Bits]]

ALL_HASHES: Hashes = MappingProxyType({"pHash": _phash, "dHash": _dhash, "wHash": _whash, "PDQ": _pdq})
"""RGB picture to packed bits: 64 of pHash, dHash and wHash (ImageHash), 256 of Meta's PDQ (pdqhash)."""

HASHES: Hashes = MappingProxyType({name: ALL_HASHES[name] for name in ("pHash", "dHash", "PDQ")})
"""Those that attacks and the evaluation by copies look at."""


def first_by_chance(distances: NDArray[Any], own: int | NDArray[np.bool_]) -> float:
    """The chance that a right row comes first when equal distances are put in any order.

    Args:
        distances: (n,) from a query to each row.
        own: the right row, or (n,) whether each is right.
    """
    nearest = distances == distances.min()
    return float(np.sum(nearest[own]) / np.sum(nearest))


def hamming(query: Bits, rows: Bits) -> NDArray[np.int64]:
    """Bits that differ between a hash, (bytes,), and each row, (n, bytes)."""
    return np.asarray(np.bitwise_count(query ^ rows).sum(axis=1), np.int64)
