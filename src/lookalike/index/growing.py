"""An array that grows at its end while others read it."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lookalike.kernels.arrays import frozen

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Growing(Generic[_Scalar]):
    """Rows that are appended, by one writer at a time, and never moved for who holds a view of them."""

    def __init__(self, row_shape: tuple[int, ...], kind: DTypeLike) -> None:
        """Make an empty array.

        Args:
            row_shape: shape of one row.
            kind: type of its values.
        """
        self._values: NDArray[_Scalar] = np.empty((0, *row_shape), kind)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def rows(self) -> NDArray[_Scalar]:
        """What was appended so far, read-only; later rows do not show in it, later changes of values do."""
        size = self._size  # read first: rows below it stay in place while others are appended
        return frozen(self._values[:size])

    def put(self, places: NDArray[np.integer], value: _Scalar) -> None:
        """Change the values of some rows."""
        self._values[places] = value

    def append(self, values: NDArray[_Scalar]) -> None:
        """Append rows; a reader sees all of them or none."""
        start, stop = self._size, self._size + len(values)
        if stop > len(self._values):
            grown = np.empty((max(2 * start, stop), *self._values.shape[1:]), self._values.dtype)
            grown[:start] = self._values[:start]
            self._values = grown
        self._values[start:stop] = values
        self._size = stop
