"""Packed sign bits: codes, sketches and perceptual hashes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]


def pack_signs(margins: ArrayLike) -> Words:
    """Pack the signs of margins into 64-bit words.

    Args:
        margins: (n, bits) floats; ``bits`` a multiple of 64.

    Returns:
        (n, bits / 64) uint64; bit j of word w is 1 where margin 64 w + j is above 0.
    """
    packed = np.packbits(np.asarray(margins) > 0, axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


def sign_bytes(margins: ArrayLike) -> Bytes:
    """Pack the signs of margins into bytes, the first margin in the highest bit, as hash texts show them.

    Args:
        margins: (n, bits) floats; ``bits`` a multiple of 8.

    Returns:
        (n, bits / 8) uint8.
    """
    return np.packbits(np.asarray(margins) > 0, axis=1)


def differing_bits(codes: Bytes | Words, code: Bytes | Words) -> NDArray[np.int64]:
    """Hamming distances between packed codes.

    Args:
        codes: (n, words) unsigned integers.
        code: (words,) of the same type.

    Returns:
        (n,) int64.
    """
    return np.asarray(np.bitwise_count(codes ^ code).sum(axis=1, dtype=np.int64))
