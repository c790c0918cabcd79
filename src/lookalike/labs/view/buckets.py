"""The hash buckets of pictures, as the index would make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.index.hashed import fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Block
from lookalike.kernels.arrays import Ids, Vectors

BITS = 8


@dataclass(frozen=True, slots=True)
class Crowding:
    """How pictures share the buckets of a key.

    Attributes:
        bits: length of the key.
        buckets: how many of the 2 ** bits hold pictures.
        largest: pictures in the fullest.
        together: share of the given neighbours that lie in their picture's own bucket, 0 to 1: what a search
            that looks into one bucket of one table would find of them.
    """

    bits: int
    buckets: int
    largest: int
    together: float


def keys_of(vectors: Vectors, seed: int) -> NDArray[np.uint8]:
    """Keys of one hash table over the pictures, drawn as ``LSHIndex`` draws it.

    The first bit is the highest, so the first K bits of a key are ``key >> (8 - K)``.

    Args:
        vectors: (n, dim) float32.
        seed: of the hyperplanes.

    Returns:
        (n,) uint8.
    """
    rows = Block(np.arange(len(vectors)), vectors, np.ones(len(vectors), np.bool_))
    functions = fill([rows], HashSpec(tables=1, bits=BITS, seed=seed)).functions
    margins = functions.borders(functions.margins(vectors))[:, 0]
    return np.packbits(margins > 0, axis=1)[:, 0]


def crowding(keys: NDArray[np.uint8], neighbours: Ids) -> tuple[Crowding, ...]:
    """How pictures share buckets, for keys of 1 bit, 2 bits and so on.

    Args:
        keys: (n,) of ``keys_of``.
        neighbours: (n, k) places of neighbours of each picture.
    """
    found = []
    for bits in range(1, BITS + 1):
        short = keys >> (BITS - bits)
        counts = np.bincount(short)
        together = float((short[neighbours] == short[:, None]).mean())
        found.append(Crowding(bits, int((counts > 0).sum()), int(counts.max()), together))
    return tuple(found)
