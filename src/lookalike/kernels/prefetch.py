"""``prefetch``, which asks for a line of memory before it is needed, for compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped
from numba.extending import intrinsic

cgutils: Any = untyped
_BYTE = ir.IntType(8).as_pointer()
_NUMBER = ir.IntType(32)
_READ, _KEEP, _DATA = (ir.Constant(_NUMBER, value) for value in (0, 3, 1))


def _prefetch(_typing_context: Any, array: Any, row: Any, column: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``prefetch(array, row, column)``; for a list ``row`` is the place in it.

    The processor then starts to load the line of cache that holds ``array[row, column]``, and goes on
    without waiting for it. The function returns nothing and cannot fail.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = context.make_array(signature.args[0])(context, builder, arguments[0])
        steps = zip(arguments[1:], cgutils.unpack_tuple(builder, values.strides), strict=False)
        offset = reduce(builder.add, [builder.mul(place, stride) for place, stride in steps])
        address = builder.gep(builder.bitcast(values.data, _BYTE), [offset])
        kind = ir.FunctionType(ir.VoidType(), [_BYTE, _NUMBER, _NUMBER, _NUMBER])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(function, [address, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), generate


prefetch: Any = intrinsic(_prefetch)
