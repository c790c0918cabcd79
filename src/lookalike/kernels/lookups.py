"""Comparing codes by looking up: what each half byte of a code costs a query, added up for 32 at a time.

A code is 128 bits, so 32 half bytes of 16 possible values. For each half byte a query makes a table of what
the 16 values cost it (see ``patterns.word_difference``). A code's score is the sum of 32 looked-up costs, the
same whole number that counting its differing bits gives. Processors with AVX2 look up 32 bytes by one
instruction; this is the "fast scan" of product quantisation (André, Kermarrec and Le Scouarnec, "Cache
locality is not enough", VLDB 2015), over the bits of a hash. Other processors look up one byte at a time.

So that 32 codes lie side by side, the codes of a bucket are kept *transposed*: the first byte of each of its
codes, then the second byte of each, up to the sixteenth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils as untyped
from numba.extending import intrinsic
from numpy.typing import NDArray

from lookalike.kernels.bits import CODE_BYTES

cgutils: Any = untyped
LANES = 32
_HALVES = 2 * CODE_BYTES
_BEFORE_OVERFLOW = 4  # bytes of a code whose costs, at most 2 * 4 * 7 each, add up within a byte
_NOWHERE = np.iinfo(np.uint16).max
_BYTE, _SHORT, _INDEX, _PLACE = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_BYTES, _SHORTS = ir.VectorType(_BYTE, LANES), ir.VectorType(_SHORT, LANES)
_FIRST = ir.Constant(_INDEX, 0)
HAS_AVX2 = bool(binding.get_host_cpu_features().get("avx2"))


@njit(cache=True, nogil=True)
def lookups_of(pattern: NDArray[np.uint64], lookups: NDArray[np.uint8]) -> None:
    """Compute what each value of each half byte of a code costs a query.

    Args:
        pattern: (4, 8) uint64, the query's; see ``patterns.pattern_of``.
        lookups: (32, 32) uint8, filled. Row 2 b is of the lower half of byte b, row 2 b + 1 of the upper. Its
            first 16 places hold the costs of the values 0 to 15; the other 16 repeat them, since AVX2 looks
            up in each half of a register by itself.
    """
    one = np.uint64(1)
    for half in range(_HALVES):
        costs = lookups[half]
        costs[0] = 0
        for bit in range(4):
            word, shift = half // 16, np.uint64(4 * (half % 16) + bit)
            width = np.uint8(0)
            for plane in range(1, 4):
                width += np.uint8(((pattern[plane, word] >> shift) & one) << np.uint64(plane - 1))
            sign, size = (pattern[0, word] >> shift) & one, 1 << bit
            for value in range(size):
                costs[size + value] = costs[value] + (np.uint8(0) if sign else width)
                costs[value] += width if sign else np.uint8(0)
        for value in range(16):
            costs[16 + value] = costs[value]


def _score_block(
    _typing_context: Any,
    codes: Any,
    run: Any,
    lookups: Any,
    scores: Any,
    _at: Any,
) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``_score_block(codes, (start, size, lanes), lookups, scores, at)`` for AVX2.

    It scores 32 codes of a bucket of ``size`` codes, of which the first ``lanes``, 1 or more, are there.
    Their first bytes begin at ``codes[start]``; their scores are written to ``scores[at]`` and the 31 places
    after it, and the smallest of those that are there is returned.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def address(place: int, kind: Any) -> Any:
            array = context.make_array(signature.args[place])(context, builder, arguments[place])
            return builder.bitcast(array.data, kind.as_pointer())

        def load(pointer: Any) -> Any:
            return builder.load(builder.bitcast(pointer, _BYTES.as_pointer()), align=1)

        shuffle = _function(builder, "llvm.x86.avx2.pshuf.b", _BYTES, _BYTES, _BYTES)
        start, size, present = (builder.extract_value(arguments[1], place) for place in range(3))
        values_at, costs = builder.gep(address(0, _BYTE), [start]), address(2, _BYTE)
        total, some = _same(_SHORTS, 0), _same(_BYTES, 0)
        for byte in range(CODE_BYTES):
            values = load(values_at)
            values_at = builder.gep(values_at, [size])
            halves = builder.and_(values, _same(_BYTES, 15)), builder.lshr(values, _same(_BYTES, 4))
            for half, which in enumerate(halves):
                row = builder.gep(costs, [ir.Constant(_PLACE, (2 * byte + half) * LANES)])
                some = builder.add(some, builder.call(shuffle, [load(row), which]))
            if byte % _BEFORE_OVERFLOW == _BEFORE_OVERFLOW - 1:
                total, some = builder.add(total, builder.zext(some, _SHORTS)), _same(_BYTES, 0)
        into = builder.gep(address(3, _SHORT), [arguments[4]])
        builder.store(total, builder.bitcast(into, _SHORTS.as_pointer()), align=1)
        lanes = builder.insert_element(_same(_SHORTS, 0), builder.trunc(present, _SHORT), _FIRST)
        lanes = builder.shuffle_vector(lanes, lanes, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))
        there = builder.icmp_unsigned("<", ir.Constant(_SHORTS, list(range(LANES))), lanes)
        least = _function(builder, f"llvm.vector.reduce.umin.v{LANES}i16", _SHORT, _SHORTS)
        return builder.call(least, [builder.select(there, total, _same(_SHORTS, _NOWHERE))])

    takes = codes, run, lookups, scores, types.intp
    return types.uint16(*takes), generate


def _same(kind: Any, value: int) -> Any:
    """A vector that holds one value in all lanes."""
    return ir.Constant(kind, [value] * LANES)


def _function(builder: Any, name: str, returns: Any, *takes: Any) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(returns, takes), name)


_score_32: Any = intrinsic(_score_block)


@njit(nogil=True, inline="always")
def _score_one_by_one(
    codes: NDArray[np.uint8],
    run: tuple[int, int, int],
    lookups: NDArray[np.uint8],
    scores: NDArray[np.uint16],
    at: int,
) -> np.uint16:
    """Do what ``_score_32`` does on a processor without AVX2, and write only the scores that are there."""
    start, size, lanes = run
    least = np.uint16(_NOWHERE)
    for lane in range(lanes):
        total = np.uint16(0)
        for byte in range(CODE_BYTES):
            value = codes[start + byte * size + lane]
            total += np.uint16(lookups[2 * byte, value & 15]) + np.uint16(lookups[2 * byte + 1, value >> 4])
        scores[at + lane] = total
        least = min(least, total)
    return least


def scorer(score_block: Any) -> Any:
    """Compile ``score_bucket`` by one of the two ways to score a block.

    It is inlined where it is called: a call for each bucket takes as long as the comparisons.
    """

    @njit(nogil=True, inline="always")
    def score(
        codes: NDArray[np.uint8],
        bucket: tuple[int, int],
        lookups: NDArray[np.uint8],
        scores: NDArray[np.uint16],
        minima: NDArray[np.uint16],
        places: tuple[int, int],
    ) -> int:
        start, size = bucket
        at, block = places
        for place in range(0, size, LANES):
            lanes = min(LANES, size - place)
            minima[block] = score_block(codes, (start + place, size, lanes), lookups, scores, at + place)
            block += 1
        return block

    return score


score_bucket: Any = scorer(_score_32 if HAS_AVX2 else _score_one_by_one)
"""``score_bucket(codes, (start, size), lookups, scores, minima, (at, block))``: score the codes of a bucket.

``codes`` is (16 * n + 32,) uint8, the transposed codes of all buckets of a table, ``start`` the byte at which
the bucket begins, ``size`` how many codes it has, ``lookups`` the query's (see ``lookups_of``), ``scores``
(at least at + size + 31,) uint16. The ``size`` scores from ``at`` on are filled, and up to 31 after those are
overwritten. ``minima`` is uint16, filled from place ``block`` on: the smallest score of each 32 codes.
Returned is the place in ``minima`` after those filled.
"""
