"""Products of one vector with many columns of short numbers, 64 of them side by side.

What takes the time is to bring the columns to the processor. So they are numbers of bfloat16, which are the
upper halves of float32 numbers and take half the memory. Hyperplanes and centres are *shortened* when they
are made, so nothing is lost here: a batch multiplies by the same numbers, as float32.

The products of a block of columns stay in the processor's registers while the numbers of the vector are gone
through. So no sums are left to be added up across a register.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped
from numba.extending import intrinsic
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors, frozen, is_short, room_on_lines

cgutils: Any = untyped
LANES = 64
_PAIRS = LANES // 2
_FLOAT, _WORD, _PLACE = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_FLOATS, _WORDS = ir.VectorType(_FLOAT, _PAIRS), ir.VectorType(_WORD, _PAIRS)
_UPPER = 0xFFFF0000


def blocks_of(columns: Vectors) -> NDArray[np.uint32] | None:
    """Lay out columns as ``multiply_block`` takes them.

    Args:
        columns: (c, n) float32, one column per line.

    Returns:
        (b, n, 32) uint32: the columns in blocks of 64, filled up with zeros. A word holds a number of one of
        the first 32 columns of its block in its lower half, and one of the others in its upper half. None if
        a number is not short.
    """
    if not is_short(columns):
        return None
    count, length = columns.shape
    blocks = -(-count // LANES)
    filled = np.zeros((blocks * LANES, length), np.uint32)
    filled[:count] = columns.view(np.uint32)
    halves = filled.reshape(blocks, 2, _PAIRS, length)
    words = room_on_lines((blocks, length, _PAIRS), np.uint32)
    words[:] = ((halves[:, 0] >> np.uint32(16)) | halves[:, 1]).transpose(0, 2, 1)
    return frozen(words)


def _multiply_block(
    _typing_context: Any, vector: Any, blocks: Any, _block: Any, products: Any
) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``multiply_block(vector, blocks, block, products)``.

    ``vector`` is (n,) float32, ``blocks`` of ``blocks_of``, ``block`` the number of one. Its 64 products are
    written to ``products``, float32, from place 64 * block on. All arrays are in C order.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers, words, into = (
            context.make_array(signature.args[place])(context, builder, arguments[place])
            for place in (0, 1, 3)
        )
        length = builder.extract_value(numbers.shape, 0)
        nothing = ir.Constant(_FLOATS, [0.0] * _PAIRS)
        lower, upper = (cgutils.alloca_once_value(builder, nothing) for _ in range(2))
        start = builder.mul(arguments[2], length)
        with cgutils.for_range(builder, length) as loop:
            value = builder.load(builder.gep(numbers.data, [loop.index]))
            values = builder.insert_element(nothing, value, ir.Constant(_WORD, 0))
            values = builder.shuffle_vector(values, values, ir.Constant(_WORDS, [0] * _PAIRS))
            place = builder.mul(builder.add(start, loop.index), ir.Constant(_PLACE, _PAIRS))
            line = builder.bitcast(builder.gep(words.data, [place]), _WORDS.as_pointer())
            pair = builder.load(line, align=4)
            first = builder.shl(pair, ir.Constant(_WORDS, [16] * _PAIRS))
            second = builder.and_(pair, ir.Constant(_WORDS, [_UPPER] * _PAIRS))
            for total, half in ((lower, first), (upper, second)):
                product = builder.fmul(builder.bitcast(half, _FLOATS), values, flags=("fast",))
                builder.store(builder.fadd(builder.load(total), product, flags=("fast",)), total)
        for half, total in enumerate((lower, upper)):
            place = builder.add(
                builder.mul(arguments[2], ir.Constant(_PLACE, LANES)), ir.Constant(_PLACE, half * _PAIRS)
            )
            line = builder.bitcast(builder.gep(into.data, [place]), _FLOATS.as_pointer())
            builder.store(builder.load(total), line, align=4)
        return context.get_dummy_value()

    return types.void(vector, blocks, types.intp, products), generate


multiply_block: Any = intrinsic(_multiply_block)
