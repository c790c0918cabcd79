"""Comparing a query with whole sketches, all eight words of one at a time if the processor can count so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils as untyped
from numba.extending import intrinsic
from numpy.typing import NDArray

from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.patterns import difference

cgutils: Any = untyped
_WORD = ir.IntType(64)
_WORDS = ir.VectorType(_WORD, SKETCH_WORDS)
COUNTS_WORDS = bool(binding.get_host_cpu_features().get("avx512vpopcntdq"))


def _difference(
    _typing_context: Any, sketches: Any, _row: Any, pattern: Any
) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``sketch_difference`` for a processor that counts the ones of eight words.

    For others LLVM would count by tables, which takes longer than to go through the words.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def words(place: int, line: Any) -> Any:
            array = context.make_array(signature.args[place])(context, builder, arguments[place])
            first = builder.gep(array.data, [builder.mul(line, ir.Constant(_WORD, SKETCH_WORDS))])
            return builder.load(builder.bitcast(first, _WORDS.as_pointer()), align=8)

        def function(name: str, returns: Any) -> Any:
            kind = ir.FunctionType(returns, [_WORDS])
            return cgutils.get_or_insert_function(builder.module, kind, name)

        differing = builder.xor(words(0, arguments[1]), words(2, ir.Constant(_WORD, 0)))
        ones, total = function(f"llvm.ctpop.v{SKETCH_WORDS}i64", _WORDS), None
        for plane in range(1, 4):
            masked = builder.and_(differing, words(2, ir.Constant(_WORD, plane)))
            shift = ir.Constant(_WORDS, [plane - 1] * SKETCH_WORDS)
            widths = builder.shl(builder.call(ones, [masked]), shift)
            total = widths if total is None else builder.add(total, widths)
        return builder.call(function(f"llvm.vector.reduce.add.v{SKETCH_WORDS}i64", _WORD), [total])

    return types.uint64(sketches, types.intp, pattern), generate


_at_once: Any = intrinsic(_difference)


@njit(nogil=True, inline="always")
def _word_by_word(sketches: NDArray[np.uint64], row: int, pattern: NDArray[np.uint64]) -> np.uint64:
    """Do what ``_at_once`` does on other processors."""
    return difference(sketches, row, pattern, SKETCH_WORDS)


sketch_difference: Any = _at_once if COUNTS_WORDS else _word_by_word
"""``sketch_difference(sketches, row, pattern)``: see ``patterns.difference``, for whole sketches.

``sketches`` and ``pattern`` are in C order.
"""
