"""Arrays that a compiled function finds by one address, instead of being handed each of them.

numba unpacks every array of a call anew, which takes 0.15 µs. A search for one query needs 18 arrays that
are the same for every query, and four for the query and its answer that can be used again. So the addresses
and shapes of all of them are written down once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import from_dtype
from numba import types as untyped
from numba.core import imputils as untyped_results
from numba.extending import intrinsic
from numba.np import arrayobj as untyped_arrays
from numpy.typing import NDArray

types: Any = untyped
arrayobj: Any = untyped_arrays
imputils: Any = untyped_results
_WORD = ir.IntType(64)


class Kind(NamedTuple):
    """What arrays of a kind have in common; they are aligned and in C order.

    Attributes:
        dtype: type of the values.
        dimensions: 1 or more.
        filled: whether the compiled function may write to them.
    """

    dtype: Any
    dimensions: int
    filled: bool = False


def written(arrays: Sequence[NDArray[Any]], kinds: Sequence[Kind]) -> NDArray[np.int64] | None:
    """Write down where arrays lie.

    Args:
        arrays: to be kept, unmoved, for as long as the result is in use.
        kinds: of each.

    Returns:
        (n,) int64: of each array its address, then its shape. None if an array is of another kind.
    """
    for array, kind in zip(arrays, kinds, strict=True):
        fits = (array.dtype, array.ndim) == kind[:2] and array.flags.c_contiguous and array.flags.aligned
        if not fits or (kind.filled and not array.flags.writeable):
            return None
    return places_of(arrays)


def places_of(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Do as ``written`` for arrays that are known to be of the kinds that will be read."""
    words = [word for array in arrays for word in (array.ctypes.data, *array.shape)]
    return np.array(words, np.int64)


def reader(kinds: Sequence[Kind]) -> Any:
    """Make a function for compiled functions that returns arrays of some kinds, from what ``written`` gave.

    It takes the address of those numbers, and returns a tuple of arrays that own nothing.
    """
    typed = [
        types.Array(from_dtype(np.dtype(dtype)), n, "C", readonly=not filled) for dtype, n, filled in kinds
    ]

    def read(_typing_context: Any, _address: Any) -> tuple[Any, Callable[..., Any]]:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            words = builder.inttoptr(arguments[0], _WORD.as_pointer())
            values, first = [], 0
            for kind in typed:
                end = first + 1 + kind.ndim
                places = [ir.Constant(_WORD, place) for place in range(first, end)]
                address, *shape = [builder.load(builder.gep(words, [place])) for place in places]
                first = end
                values.append(_array(context, builder, kind, address, shape))
            return context.make_tuple(builder, signature.return_type, values)

        return types.Tuple(typed)(types.intp), generate

    return intrinsic(read)


def _array(context: Any, builder: Any, kind: Any, address: Any, shape: list[Any]) -> Any:
    """LLVM's value of an array of a kind, in C order."""
    array = context.make_array(kind)(context, builder)
    item = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    strides: list[Any] = []
    step: Any = ir.Constant(_WORD, item)
    for length in reversed(shape):
        strides.insert(0, step)
        step = builder.mul(step, length)
    data = builder.inttoptr(address, array.data.type)
    arrayobj.populate_array(array, data=data, shape=shape, strides=strides, itemsize=item, meminfo=None)
    return array._getvalue()


def _read_only(_typing_context: Any, array: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``read_only(array)``: the same array, of the type of read-only ones.

    A function is compiled anew for an array that can be written to (see ``arrays.frozen``).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return imputils.impl_ret_borrowed(context, builder, signature.return_type, arguments[0])

    return array.copy(readonly=True)(array), generate


read_only: Any = intrinsic(_read_only)
