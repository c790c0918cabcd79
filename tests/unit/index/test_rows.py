"""Pairs that come and go, against a dict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index.rows import Rows


def column(*values: int) -> NDArray[np.float32]:
    """Vectors of length 1."""
    return np.array(values, np.float32)[:, None]


def array(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def living(rows: Rows) -> dict[int, float]:
    """What the blocks hold."""
    pairs = [
        (int(id_), float(vector[0]))
        for block in rows.blocks()
        for id_, vector, alive in zip(*block, strict=True)
        if alive
    ]
    assert len(dict(pairs)) == len(pairs) == len(rows)
    assert rows.ids().tolist() == sorted(dict(pairs))
    return dict(pairs)


@pytest.fixture
def rows() -> Rows:
    """Ids 2, 4, 6 in the main part, 1 and 9 in the tail."""
    made = Rows(1, array(2, 4, 6), column(20, 40, 60))
    made.add(array(9, 1), column(90, 10))
    return made


def test_rows_hold_what_was_put_in(rows: Rows) -> None:
    assert living(rows) == {1: 10, 2: 20, 4: 40, 6: 60, 9: 90}
    assert rows.main.ids.tolist() == [2, 4, 6]
    assert rows.tail.ids.tolist() == [9, 1]
    assert rows.unsettled == 2


def test_removed_rows_stay_until_settled(rows: Rows) -> None:
    rows.remove([4, 9])
    assert living(rows) == {1: 10, 2: 20, 6: 60}
    assert rows.unsettled == 3
    ids, vectors = rows.settled()
    assert ids.tolist() == [1, 2, 6]
    assert vectors.tolist() == [[10], [20], [60]]


def test_an_id_moves_from_main_to_tail_and_within_the_tail(rows: Rows) -> None:
    for value in (41, 42, 43):
        rows.remove(array(4, 1))
        rows.add(array(1, 4), column(value - 30, value))
        assert living(rows) == {1: value - 30, 2: 20, 4: value, 6: 60, 9: 90}
    assert rows.unsettled == 1 + 8


def test_the_tail_grows(rows: Rows) -> None:
    expected = living(rows)
    for start, count in ((100, 1), (200, 60), (300, 10), (400, 500)):
        ids = np.arange(start, start + count)
        rows.add(ids, column(*(ids * 2)))
        expected |= {int(id_): float(id_ * 2) for id_ in ids}
        rows.remove(ids[:1])
        del expected[start]
        assert living(rows) == expected


def test_nothing_at_all() -> None:
    rows = Rows(3)
    rows.add(array(), np.empty((0, 3), np.float32))
    rows.remove([])
    assert (len(rows), rows.blocks(), rows.ids().tolist(), rows.unsettled) == (0, [], [], 0)
    ids, vectors = rows.settled()
    assert (ids.shape, vectors.shape) == ((0,), (0, 3))


@pytest.mark.parametrize("gone", [3, 7, -5, 2**60])
def test_an_unknown_id_removes_nothing(rows: Rows, gone: int) -> None:
    for id_ in (gone, 4):
        if id_ == 4:
            rows.remove([4])
        with pytest.raises(UsageError, match=str(id_)):
            rows.remove([2, 9, id_])
    assert living(rows) == {1: 10, 2: 20, 6: 60, 9: 90}


@pytest.mark.parametrize("there", [2, 6, 9, 1])
def test_an_id_cannot_be_there_twice(rows: Rows, there: int) -> None:
    with pytest.raises(UsageError, match=f"id {there} is in the index"):
        rows.add(array(50, there), column(0, 0))
    with pytest.raises(UsageError, match="2 vectors came with 1 ids"):
        rows.add(array(50), column(0, 0))
    assert living(rows) == {1: 10, 2: 20, 4: 40, 6: 60, 9: 90}


def test_blocks_do_not_change_afterwards(rows: Rows) -> None:
    """A search in another thread must see one moment, whatever is added or removed while it looks."""
    before = rows.blocks()
    tail = rows.tail
    rows.remove([2, 9])
    rows.add(array(2, 300), column(21, 300))
    rows.add(np.arange(400, 600), column(*range(200)))
    assert [block.alive.tolist() for block in before] == [[True] * 3, [True] * 2]
    assert [block.ids.tolist() for block in before] == [[2, 4, 6], [9, 1]]
    assert tail.vectors.tolist() == [[90], [10]]
    assert tail.alive.all()


def test_the_main_part_is_only_read() -> None:
    ids, vectors = array(2, 4), column(20, 40)
    ids.flags.writeable = vectors.flags.writeable = False
    rows = Rows(1, ids, vectors)
    rows.remove([2])
    rows.add(array(2), column(22))
    assert living(rows) == {2: 22, 4: 40}


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        (array(4, 2), column(1, 2)),
        (array(2, 2), column(1, 2)),
        (array(-1, 2), column(1, 2)),
        (array(1, 2, 3), column(1, 2)),
        (np.array([1, 2], np.int32), column(1, 2)),
        (array(1, 2)[:, None], column(1, 2)),
        (array(1, 2), column(1, 2).astype(np.float64)),
        (array(1, 2), np.ones((2, 2), np.float32)),
    ],
    ids=["falling", "twice", "negative", "too many", "int32", "square", "float64", "too long"],
)
def test_a_main_part_must_be_as_said(ids: Any, vectors: Any) -> None:
    with pytest.raises(UsageError):
        Rows(1, ids, vectors)


@pytest.mark.parametrize("dim", [0, -1, 1.0, "1", None])
def test_a_vector_has_a_length(dim: Any) -> None:
    with pytest.raises(UsageError, match="dim must be"):
        Rows(dim)
