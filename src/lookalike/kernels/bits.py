"""Packed sign bits: codes, sketches and perceptual hashes.

A *sketch* is 512 sign bits of a vector. Its first 128 bits are the *code*, of which hash tables keep a second
copy in the order of their buckets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

CODE_BITS, SKETCH_BITS = 128, 512
CODE_WORDS, SKETCH_WORDS = CODE_BITS // 64, SKETCH_BITS // 64
CODE_BYTES = CODE_BITS // 8
CODES_END = 32
"""Bytes after the last code of a table, which are read with it and mean nothing."""


def sign_bytes(margins: ArrayLike) -> Bytes:
    """Pack the signs of margins into bytes, the first margin in the highest bit, as hash texts show them.

    Args:
        margins: (n, bits) floats; ``bits`` a multiple of 8.

    Returns:
        (n, bits / 8) uint8; a bit is 1 if its margin is above 0.
    """
    return np.packbits(np.asarray(margins) > 0, axis=1)


def differing_bits(codes: Bytes | Words, code: Bytes | Words) -> NDArray[np.int64]:
    """Hamming distances between packed codes and one of them.

    Args:
        codes: (n, words) unsigned integers.
        code: (words,) of the same type.

    Returns:
        (n,) int64, numbers of bits.
    """
    return np.asarray(np.bitwise_count(codes ^ code).sum(axis=1, dtype=np.int64))
