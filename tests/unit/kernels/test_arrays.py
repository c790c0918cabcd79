"""The gate for callers' arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import (
    LARGEST_VALUE,
    as_ids,
    as_vectors,
    frozen,
    is_short,
    on_lines,
    shortened,
    unit_rows,
)


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2, 3], [4, 5, 6]],
        np.array([[1, 2, 3], [4, 5, 6]], np.uint8),
        np.array([[1, 2, 3], [4, 5, 6]], np.float16),
        np.array([[1, 2, 3], [4, 5, 6]], np.longdouble),
        np.array([[1, 4], [2, 5], [3, 6]], np.float64).T,
        np.array([[1, 0, 2, 0, 3], [4, 0, 5, 0, 6]], ">f4")[:, ::2],
    ],
    ids=["lists", "uint8", "float16", "longdouble", "transposed", "big-endian strided"],
)
def test_numbers_of_any_make_become_float32_rows(values: Any) -> None:
    vectors = as_vectors(values, 3)
    assert vectors.dtype == np.dtype("float32")
    assert vectors.flags.c_contiguous
    assert vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_one_vector_is_one_row() -> None:
    assert as_vectors([1, 2, 3], 3).tolist() == [[1, 2, 3]]
    assert as_vectors([5], 1).tolist() == [[5]]
    assert as_vectors(np.empty((0, 3)), 3).shape == (0, 3)


def test_fitting_memory_is_not_copied() -> None:
    values = np.ones((2, 3), np.float32)
    assert np.shares_memory(as_vectors(values, 3), values)


def test_the_largest_value_is_still_allowed() -> None:
    edge = np.float32(LARGEST_VALUE)
    assert as_vectors([edge, -edge], 2).tolist() == [[edge, -edge]]
    with pytest.raises(UsageError, match="row 1"):
        as_vectors([[0, 0], [0, np.nextafter(edge, np.float32(np.inf))], [0, 0]], 2)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[1.0, 2.0]], r"shape \(n, 3\), not \(1, 2\)"),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], r"not \(6,\)"),
        ([], r"not \(0,\)"),
        (1.0, r"not \(\)"),
        (np.ones((2, 3, 1)), r"not \(2, 3, 1\)"),
        ([[1.0, 2.0, 3.0], [1.0]], r"array of shape \(n, 3\)"),
        ([[1.0, 2.0, None]], "^vectors must be real numbers, not object"),
        ([["1", "2", "3"]], "^vectors must be real numbers"),
        ([[1j, 2, 3]], "not complex128"),
        ([[0, 0, 0], [1, math.nan, 1]], "finite.*row 1 is not"),
        ([[-math.inf, 0, 0]], "finite.*row 0 is not"),
        ([[1e300, 0, 0]], "finite.*row 0 is not"),
        ([[10**400, 0, 0]], "real numbers"),
    ],
)
def test_what_are_no_vectors(values: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        as_vectors(values, 3)


@pytest.mark.parametrize(
    "values",
    [[3, 0, 7], (3, 0, 7), range(3, 10, 4), np.array([3, 0, 7], np.uint64), np.array([3, 9, 0])[::2]],
)
def test_whole_numbers_become_int64(values: Any) -> None:
    ids = as_ids(values)
    assert ids.dtype == np.dtype("int64")
    assert ids.tolist() == np.asarray(values).tolist()


def test_one_id_is_a_row_of_one() -> None:
    assert as_ids(5).tolist() == [5]
    assert as_ids(np.int8(5)).tolist() == [5]
    assert as_ids([]).tolist() == []
    assert as_ids([]).dtype == np.dtype("int64")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, -1], "-1 is not"),
        ([4, 7, 4, 7], "4 occurs more than once"),
        ([1.0], "not float64"),
        ([True], "not bool"),
        (["1"], "whole numbers"),
        (None, "whole numbers"),
        ([2**70], "whole numbers"),
        (np.array([2**63], np.uint64), "9223372036854775808"),
        ([[1], [2, 3]], r"shape \(n,\)"),
        ([[1, 2], [3, 4]], r"not \(2, 2\)"),
    ],
)
def test_what_are_no_ids(values: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        as_ids(values)


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-20, 1e-38])
def test_unit_rows_keep_the_direction_and_nothing_else(scale: float) -> None:
    rows = (np.clip(np.random.default_rng(0).standard_normal((20, 40)), -1, 1) * scale).astype(np.float32)
    rows[3] = 0
    unit = unit_rows(rows)
    assert unit.dtype == np.dtype("float32")
    for given, got in zip(rows.tolist(), unit.tolist(), strict=True):
        length = math.hypot(*given)
        assert got == pytest.approx([value / (length or 1) for value in given], rel=1e-6)


@pytest.mark.parametrize(
    "array", [np.arange(6).reshape(2, 3), np.empty((0, 4), np.float32), np.ones(3, np.bool_)]
)
def test_a_frozen_array_is_a_view_that_only_its_owner_can_change(array: NDArray[Any]) -> None:
    view = frozen(array)
    assert view.flags.c_contiguous
    assert (view.dtype, view.shape) == (array.dtype, array.shape)
    with pytest.raises(ValueError, match="read-only"):
        view[...] = 0
    array[...] = 5
    np.testing.assert_array_equal(view, array)
    assert array.flags.writeable


def test_what_is_frozen_can_be_frozen_again() -> None:
    assert not frozen(frozen(np.arange(3))).flags.writeable


@pytest.mark.parametrize("shape", [(0, 8), (1, 8), (37, 8), (3,), (2, 3, 5)])
@pytest.mark.parametrize("kind", [np.uint64, np.float32, np.bool_])
def test_a_copy_on_lines_starts_with_a_line_of_cache(kind: Any, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 2, shape).astype(kind)
    for given in (array, frozen(array), array[..., ::-1], array.T):
        copy = on_lines(given)
        assert copy.size == 0 or copy.ctypes.data % 64 == 0
        assert copy.flags.c_contiguous
        assert copy.dtype == given.dtype
        np.testing.assert_array_equal(copy, given)
        assert not np.shares_memory(copy, array)
        copy[...] = 1  # is the caller's own, to write to


def test_shortened_numbers_are_the_nearest_of_eight_bits() -> None:
    given = np.array([0, 1, -1, 257, 259.5, -1.00390626, 3e-30, 1e15], np.float32)
    short = shortened(given)
    assert is_short(short)
    assert not is_short(given)
    assert short[:6].tolist() == [0, 1, -1, 258, 260, -1.0078125]
    fractions, exponents = np.frexp(short.astype(np.float64))
    assert (fractions * 256 == np.round(fractions * 256)).all()
    assert (np.abs(short - given) <= np.ldexp(1.0, exponents - 9)).all()
    np.testing.assert_array_equal(shortened(short), short)
