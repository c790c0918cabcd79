"""An array that grows while others look at it, against a list."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lookalike.index.growing import Growing
from waiting import HANG_GUARD


def test_it_holds_what_was_appended() -> None:
    growing: Growing[np.float32] = Growing((2,), np.float32)
    expected: list[list[float]] = []
    assert growing.rows.shape == (0, 2)
    for count in (1, 0, 3, 1, 40, 2, 500):
        more = np.arange(2 * count, dtype=np.float32).reshape(count, 2) + len(expected)
        growing.append(more)
        expected += more.tolist()
        assert len(growing) == len(expected)
        assert growing.rows.tolist() == expected
    assert growing.rows.dtype == np.float32


def test_what_was_given_out_stays_as_it_was() -> None:
    growing: Growing[np.int64] = Growing((), np.int64)
    views = []
    for value in range(200):
        growing.append(np.array([value]))
        views.append(growing.rows)
    for count, view in enumerate(views, 1):
        assert view.tolist() == list(range(count))


def test_the_callers_array_is_copied() -> None:
    growing: Growing[np.int64] = Growing((), np.int64)
    mine = np.array([1, 2, 3])
    growing.append(mine)
    mine[:] = 0
    assert growing.rows.tolist() == [1, 2, 3]


def test_put_changes_values_in_place() -> None:
    growing: Growing[np.bool_] = Growing((), np.bool_)
    growing.append(np.ones(5, np.bool_))
    given_out = growing.rows
    growing.put(np.array([0, 3]), np.False_)
    growing.put(np.array([], np.int64), np.False_)
    assert growing.rows.tolist() == given_out.tolist() == [False, True, True, False, True]


def test_what_is_given_out_is_read_only() -> None:
    growing: Growing[np.uint64] = Growing((8,), np.uint64)
    growing.append(np.zeros((3, 8), np.uint64))
    with pytest.raises(ValueError, match="read-only"):
        growing.rows[0] = 1
    growing.append(np.ones((1, 8), np.uint64))
    assert growing.rows[:, 0].tolist() == [0, 0, 0, 1]


def test_a_reader_sees_whole_appends_only() -> None:
    """Each append is ten rows of its own number; a reader in another thread never sees part of one."""
    growing: Growing[np.int64] = Growing((), np.int64)

    def read() -> None:
        while len(growing) < 20_000:
            seen = growing.rows
            np.testing.assert_array_equal(seen, np.repeat(np.arange(len(seen) // 10), 10))

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for number in range(2000):
            growing.append(np.full(10, number))
        reader.result(timeout=HANG_GUARD)
    np.testing.assert_array_equal(growing.rows, np.repeat(np.arange(2000), 10))
