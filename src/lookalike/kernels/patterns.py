"""Sketches of rows, and what a query holds against them.

A sketch is 512 sign bits. Its first 128, the code, come from hyperplanes that the caller draws (their margins
arrive ready made, from one matrix product for many rows); the other 384 come from a structured rotation,
which costs a vector of length n only n log n additions: random signs, a Hadamard transform, and both once
more (Ailon and Chazelle, "The fast Johnson-Lindenstrauss transform", SIAM J. Comput. 2009; used for hashing
by Andoni et al., "Practical and optimal LSH for angular distance", NIPS 2015).

Stored bits are compared with a query's margins, not with its bits: a bit that differs costs as much as the
query's margin there is wide, in whole numbers from 0 to 7. That needs three more bit counts a word and puts
a true neighbour about twice as far to the front (the asymmetry of Dong, Charikar and Li, "Asymmetric distance
estimation with sketches", SIGIR 2008; the bit planes as in Gao and Long, "RaBitQ", SIGMOD 2024).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BITS, SKETCH_BITS, SKETCH_WORDS
from lookalike.kernels.popcount import ones

LEVELS = 7  # the widest margin, in steps; three bit planes
_LANES = 16
_WIDEST = np.float32(2.5)  # margins from here on, in units of their root mean square, are the widest


@njit(cache=True, nogil=True, fastmath=True)
def hadamard(values: NDArray[np.float32], mixed: NDArray[np.float32]) -> None:
    """Multiply by a Hadamard matrix: every entry ±1, rows orthogonal.

    The rows come in another order than the textbook's: the steps below 16 are done on a transposed copy, so
    that every inner loop runs along memory and fills whole vector registers.

    Args:
        values: (size,) float32, size a power of two and at least 256; scratch afterwards.
        mixed: (size,) float32, filled with the product.
    """
    columns = len(values) // _LANES
    _add_and_subtract(values, _LANES)
    for lane in range(_LANES):
        for column in range(columns):
            mixed[lane * columns + column] = values[column * _LANES + lane]
    _add_and_subtract(mixed, columns)


@njit(cache=True, nogil=True, fastmath=True)
def _add_and_subtract(values: NDArray[np.float32], step: int) -> None:
    """The butterflies of a Hadamard transform, for all steps from ``step`` on."""
    while step < len(values):
        for start in range(0, len(values), 2 * step):
            lefts, rights = values[start : start + step], values[start + step : start + 2 * step]
            for place in range(step):
                left, right = lefts[place], rights[place]
                lefts[place], rights[place] = left + right, left - right
        step *= 2


@njit(cache=True, nogil=True, fastmath=True)
def margins_of(
    vector: NDArray[np.float32],
    centre: NDArray[np.float32],
    code_margins: NDArray[np.float32],
    signs: NDArray[np.float32],
    turned: NDArray[np.float32],
    spare: NDArray[np.float32],
) -> None:
    """All 512 margins of a vector.

    Args:
        vector: (dim,) float32.
        centre: (dim,) float32.
        code_margins: (128,) float32, against the hyperplanes of the code.
        signs: (2, size) float32, size a power of two, at least 512 and dim; ±1 in the second row and ±1/size
            in the first, so that the rotation keeps lengths.
        turned: (size,) float32; the margins come out in its first 512 places.
        spare: (size,) float32, scratch.
    """
    dim, size = len(vector), signs.shape[1]
    for place in range(dim):
        turned[place] = (vector[place] - centre[place]) * signs[0, place]
    for place in range(dim, size):
        turned[place] = 0
    hadamard(turned, spare)
    for place in range(size):
        spare[place] *= signs[1, place]
    hadamard(spare, turned)
    for place in range(CODE_BITS):
        turned[place] = code_margins[place]


@njit(cache=True, nogil=True)
def sketch_rows(
    vectors: NDArray[np.float32],
    centre: NDArray[np.float32],
    code_margins: NDArray[np.float32],
    signs: NDArray[np.float32],
) -> NDArray[np.uint64]:
    """Sketches of rows.

    Args:
        vectors: (n, dim) float32.
        centre: see ``margins_of``.
        code_margins: (n, 128) float32.
        signs: see ``margins_of``.

    Returns:
        (n, 8) uint64; bit j of word w is 1 where margin 64 w + j is above 0.
    """
    sketches = np.empty((len(vectors), SKETCH_WORDS), np.uint64)
    margins, spare = np.empty(signs.shape[1], np.float32), np.empty(signs.shape[1], np.float32)
    for row in range(len(vectors)):
        margins_of(vectors[row], centre, code_margins[row], signs, margins, spare)
        for word in range(SKETCH_WORDS):
            packed = np.uint64(0)
            for bit in range(64):
                packed |= np.uint64(margins[64 * word + bit] > 0) << np.uint64(bit)
            sketches[row, word] = packed
    return sketches


@njit(cache=True, nogil=True, fastmath=True)
def pattern_of(margins: NDArray[np.float32], pattern: NDArray[np.uint64]) -> None:
    """What a query's margins make of a differing bit.

    Args:
        margins: (at least 512,) float32.
        pattern: (4, 8) uint64, filled: the query's sketch, then the ones, twos and fours of the widths.
    """
    squares = np.float32(0)
    for place in range(SKETCH_BITS):
        squares += margins[place] * margins[place]
    spread = np.sqrt(squares / np.float32(SKETCH_BITS))
    scale = np.float32(LEVELS) / (_WIDEST * spread) if spread > 0 else np.float32(0)
    for word in range(SKETCH_WORDS):
        signs = first = second = third = np.uint64(0)
        for bit in range(64):
            margin = margins[64 * word + bit]
            width = np.uint64(min(np.int32(abs(margin) * scale + np.float32(0.5)), np.int32(LEVELS)))
            shift = np.uint64(bit)
            signs |= np.uint64(margin > 0) << shift
            first |= (width & np.uint64(1)) << shift
            second |= ((width >> np.uint64(1)) & np.uint64(1)) << shift
            third |= (width >> np.uint64(2)) << shift
        pattern[0, word] = signs
        pattern[1, word] = first
        pattern[2, word] = second
        pattern[3, word] = third


@njit(cache=True, nogil=True, inline="always")
def word_difference(
    stored: np.uint64, sign: np.uint64, first: np.uint64, second: np.uint64, third: np.uint64
) -> np.uint64:
    """Widths of the query's margins, added up over the bits in which a stored word differs."""
    differing = stored ^ sign
    total: np.uint64 = (
        ones(differing & first)
        + (ones(differing & second) << np.uint64(1))
        + (ones(differing & third) << np.uint64(2))
    )
    return total


@njit(cache=True, nogil=True)
def difference(sketches: NDArray[np.uint64], row: int, pattern: NDArray[np.uint64], words: int) -> np.uint64:
    """The difference between a query and the first words of a stored sketch, 0 to 7 * 64 * words.

    Args:
        sketches: (n, at least words) uint64.
        row: which of them. (A view of the row would cost more, in reference counts, than the comparison.)
        pattern: (4, 8) uint64; see ``pattern_of``.
        words: 2 for the code, 8 for the whole.
    """
    total = np.uint64(0)
    for word in range(words):
        total += word_difference(
            sketches[row, word], pattern[0, word], pattern[1, word], pattern[2, word], pattern[3, word]
        )
    return total
