"""``ones``, which counts the ones in a uint64 by the processor's own instruction, for compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic


def _population_count(_typing_context: Any, _word: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell numba how to compile ``ones``: as LLVM's ``ctpop``, which LLVM also vectorises in loops."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


ones: Any = intrinsic(_population_count)
