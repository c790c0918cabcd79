"""Sketches of rows, and the patterns that queries compare them with.

A *margin* of a vector is its signed distance from a hyperplane. A *sketch* is the signs of 512 margins:

- The first 128, the *code*, belong to hyperplanes that the caller draws. Their margins are passed in, since
  one matrix product computes them for many rows.
- The other 384 are components of the vector after a random rotation, which takes only n log n additions for
  a vector of length n: random signs, a Hadamard transform, and both once more (Ailon and Chazelle, "The fast
  Johnson-Lindenstrauss transform", SIAM J. Comput. 2009; used for hashing by Andoni et al., "Practical and
  optimal LSH for angular distance", NIPS 2015).

A query keeps more than its signs: its *pattern* also holds the width of each margin, a whole number from 0 to
7. A stored bit that differs from the query's sign costs that width, so a difference far from the hyperplane
counts more than one close to it. This takes three more bit counts per word, and ranks a true neighbour about
twice as high (the asymmetry of Dong, Charikar and Li, "Asymmetric distance estimation with sketches", SIGIR
2008; bit planes as in Gao and Long, "RaBitQ", SIGMOD 2024).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BITS, SKETCH_BITS, SKETCH_WORDS
from lookalike.kernels.popcount import ones

LEVELS = 7  # the largest width of a margin; three bits hold it
_LANES = 16
_WIDEST = np.float32(2.5)  # margins this wide or wider, in units of their root mean square, get width 7


class Rotation(NamedTuple):
    """The random rotation that gives the last 384 margins of a sketch.

    Attributes:
        centre: (dim,) float32, subtracted from a vector first.
        signs: (2, size) float32, size a power of two, at least 512 and dim. The second row is ±1. The first
            is ±1 / size, so that the two transforms together keep lengths.
    """

    centre: NDArray[np.float32]
    signs: NDArray[np.float32]


@njit(cache=True, nogil=True, fastmath=True)
def hadamard(values: NDArray[np.float32], mixed: NDArray[np.float32]) -> None:
    """Multiply by a Hadamard matrix, whose entries are all ±1 and whose rows are orthogonal.

    The rows of the matrix come in another order than the textbook's: the steps below 16 are done on a
    transposed copy, so that every inner loop runs along memory and fills whole vector registers.

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
    """Replace each pair of values ``step`` apart by its sum and its difference; double the step; repeat."""
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
    rotation: Rotation,
    code_margins: NDArray[np.float32],
    turned: NDArray[np.float32],
    spare: NDArray[np.float32],
) -> None:
    """Compute all 512 margins of a vector.

    Args:
        vector: (dim,) float32.
        rotation: see ``Rotation``.
        code_margins: (128,) float32, margins against the hyperplanes of the code.
        turned: (size,) float32; its first 512 places are filled with the margins, the code's first.
        spare: (size,) float32, scratch.
    """
    centre, signs = rotation.centre, rotation.signs
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
    vectors: NDArray[np.float32], rotation: Rotation, code_margins: NDArray[np.float32]
) -> NDArray[np.uint64]:
    """Compute the sketches of rows.

    Args:
        vectors: (n, dim) float32.
        rotation: see ``Rotation``.
        code_margins: (n, 128) float32, margins against the hyperplanes of the code.

    Returns:
        (n, 8) uint64; bit j of word w is 1 if margin 64 w + j is above 0.
    """
    sketches, size = np.empty((len(vectors), SKETCH_WORDS), np.uint64), rotation.signs.shape[1]
    margins, spare = np.empty(size, np.float32), np.empty(size, np.float32)
    for row in range(len(vectors)):
        margins_of(vectors[row], rotation, code_margins[row], margins, spare)
        for word in range(SKETCH_WORDS):
            packed = np.uint64(0)
            for bit in range(64):
                packed |= np.uint64(margins[64 * word + bit] > 0) << np.uint64(bit)
            sketches[row, word] = packed
    return sketches


@njit(cache=True, nogil=True, fastmath=True)
def pattern_of(margins: NDArray[np.float32], pattern: NDArray[np.uint64]) -> None:
    """Compute a query's pattern: the signs of its margins, and how wide each margin is.

    Args:
        margins: (at least 512,) float32; see ``margins_of``.
        pattern: (4, 8) uint64, filled. Row 0 is the query's sketch; rows 1, 2 and 3 hold the lowest, the
            middle and the highest bit of each margin's width, 0 to 7, in the same order as the sketch.
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
    """Add up the widths of the query's margins over the bits in which a stored word differs.

    ``sign``, ``first``, ``second`` and ``third`` are the four rows of the query's pattern at that word.
    """
    differing = stored ^ sign
    total: np.uint64 = (
        ones(differing & first)
        + (ones(differing & second) << np.uint64(1))
        + (ones(differing & third) << np.uint64(2))
    )
    return total


@njit(cache=True, nogil=True)
def difference(sketches: NDArray[np.uint64], row: int, pattern: NDArray[np.uint64], words: int) -> np.uint64:
    """Compare a query with the first words of a stored sketch.

    Args:
        sketches: (n, at least words) uint64.
        row: the number of the sketch. (A view of the row would cost more, in reference counts, than the
            comparison.)
        pattern: (4, 8) uint64; see ``pattern_of``.
        words: 2 to compare the code, 8 for the whole sketch.

    Returns:
        The widths of the query's margins, added up over the differing bits: 0 to 7 * 64 * words.
    """
    total = np.uint64(0)
    for word in range(words):
        total += word_difference(
            sketches[row, word], pattern[0, word], pattern[1, word], pattern[2, word], pattern[3, word]
        )
    return total
