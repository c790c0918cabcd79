"""Which of 32 scores pass a border, as the bits of one word; so no time goes into those that do not pass.

Hardly one score of thirty passes. To look at each of them took longer than to compute them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

SCORES = 32
_SHORT, _WORD = ir.IntType(16), ir.IntType(64)
_SHORTS, _NUMBER = ir.VectorType(_SHORT, SCORES), ir.IntType(32)


def _passing(_typing_context: Any, scores: Any, _first: Any, _border: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``passing(scores, first, border)``.

    ``scores`` is uint16, with 32 of them from ``first`` on. Bit i of the result, a uint64, is 1 if the score
    at ``first + i`` is at most ``border``, 0 to 65,535.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        first = builder.bitcast(builder.gep(array.data, [arguments[1]]), _SHORTS.as_pointer())
        border = builder.insert_element(
            ir.Constant(_SHORTS, ir.Undefined), builder.trunc(arguments[2], _SHORT), ir.Constant(_NUMBER, 0)
        )
        borders = builder.shuffle_vector(
            border, border, ir.Constant(ir.VectorType(_NUMBER, SCORES), [0] * SCORES)
        )
        pass_ = builder.icmp_unsigned("<=", builder.load(first, align=2), borders)
        return builder.zext(builder.bitcast(pass_, ir.IntType(SCORES)), _WORD)

    return types.uint64(scores, types.intp, types.intp), generate


passing: Any = intrinsic(_passing)


def _lowest(_typing_context: Any, _word: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``lowest(word)``: the place of the lowest 1 in a uint64 that is not 0."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


lowest: Any = intrinsic(_lowest)
