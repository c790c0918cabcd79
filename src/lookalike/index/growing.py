"""An array that grows at its end while others read it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lookalike.kernels.arrays import frozen

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Growing(Generic[_Scalar]):
    """Rows that one writer at a time appends. A view of the rows stays valid while others are appended."""

    def __init__(self, row_shape: tuple[int, ...], kind: DTypeLike) -> None:
        """Make an empty array.

        Args:
            row_shape: shape of one row.
            kind: type of its values.
        """
        self._values: NDArray[_Scalar] = np.empty((0, *row_shape), kind)
        self._rows = frozen(self._values)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> NDArray[_Scalar]:
        """A read-only view of the rows appended so far. It shows what ``put`` changes, but no later rows."""
        return self._rows

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_rows, (self.rows,)

    def put(self, places: NDArray[np.integer], value: _Scalar) -> None:
        """Set some rows to a value; ``places`` are their numbers."""
        self._values[places] = value

    def append(self, values: NDArray[_Scalar]) -> None:
        """Append (n, *row_shape) values; a reader sees all of them or none."""
        start, stop = len(self._rows), len(self._rows) + len(values)
        if stop > len(self._values):
            grown = np.empty((max(2 * start, stop), *self._values.shape[1:]), self._values.dtype)
            grown[:start] = self._values[:start]
            self._values = grown
        self._values[start:stop] = values
        self._rows = frozen(self._values[:stop])


def _of_rows(rows: NDArray[_Scalar]) -> Growing[_Scalar]:
    """An array that holds a copy of some rows: what a copy and a pickle are made of."""
    growing: Growing[_Scalar] = Growing(rows.shape[1:], rows.dtype)
    growing.append(rows)
    return growing
