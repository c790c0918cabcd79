"""Arrays found by an address, against the arrays themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.addresses import Kind, read_only, reader, written

KINDS = Kind(np.float32, 2), Kind(np.bool_, 1), Kind(np.uint64, 3)
_read: Any = reader(KINDS)


@njit
def sums(where: int) -> tuple[float, int, int, tuple[int, int]]:
    numbers, marks, words = _read(where)
    total = 0.0
    for row in range(numbers.shape[0]):
        for column in range(numbers.shape[1]):
            total += (1 + row) * (10 + column) * numbers[row, column]
    return total, marks.sum(), words[-1].sum(), numbers.shape


@njit
def doubled(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(2) * read_only(array)


def arrays() -> list[NDArray[Any]]:
    random = np.random.default_rng(3)
    words = random.integers(0, 9, (2, 3, 4)).astype(np.uint64)
    return [random.standard_normal((5, 7)).astype(np.float32), random.random(9) < 0.5, words]


def test_arrays_are_found_by_an_address() -> None:
    given = arrays()
    places = written(given, KINDS)
    assert places is not None
    total, marks, words, shape = sums(places.ctypes.data)
    weights = np.outer(np.arange(1, 6), np.arange(10, 17))
    assert total == pytest.approx(float((weights * given[0]).sum()))
    assert (marks, words, shape) == (given[1].sum(), given[2][-1].sum(), (5, 7))
    given[0][:] = 1
    assert sums(places.ctypes.data)[0] == weights.sum()


def test_no_array_of_another_kind_is_written_down() -> None:
    for place, other in enumerate([np.float64, np.uint8, np.int64]):
        given = arrays()
        given[place] = given[place].astype(other)
        assert written(given, KINDS) is None
    for changed in (arrays()[0].T, arrays()[0][:, :4], arrays()[0][0], _unaligned(arrays()[0])):
        assert written([changed, *arrays()[1:]], KINDS) is None


FILLED = (Kind(np.float32, 2, filled=True),)
_read_filled: Any = reader(FILLED)


@njit
def fill(where: int) -> None:
    (numbers,) = _read_filled(where)
    for row in range(numbers.shape[0]):
        numbers[row] = row


def test_arrays_can_be_filled_if_their_kind_says_so() -> None:
    numbers = np.full((3, 4), -1, np.float32)
    places = written([numbers], FILLED)
    assert places is not None
    fill(places.ctypes.data)
    assert numbers.tolist() == [[0] * 4, [1] * 4, [2] * 4]
    numbers.flags.writeable = False
    assert written([numbers], FILLED) is None
    assert written([numbers], [Kind(np.float32, 2)]) is not None


def test_a_read_only_array_has_the_same_values() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(doubled(array), 2 * array)


def _unaligned(array: NDArray[np.float32]) -> NDArray[np.float32]:
    bytes_ = np.empty(array.nbytes + 1, np.uint8)[1:]
    moved: NDArray[np.float32] = bytes_.view(np.float32).reshape(array.shape)
    moved[:] = array
    return moved
