"""Pairs that come and go, against a dict."""

from __future__ import annotations

import tracemalloc
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
    assert (rows.size, rows.dead, len(rows)) == (5, 0, 5)


def test_removed_rows_stay_until_settled(rows: Rows) -> None:
    rows.remove([4, 9])
    assert living(rows) == {1: 10, 2: 20, 6: 60}
    assert (rows.size, rows.dead, len(rows)) == (5, 2, 3)
    ids, vectors = rows.settled()
    assert ids.tolist() == [1, 2, 6]
    assert vectors.tolist() == [[10], [20], [60]]
    assert ids.dtype == np.int64
    assert vectors.dtype == np.float32
    assert (rows.size, rows.dead) == (5, 2)  # settled() is a look, not a change


def test_what_has_not_changed_is_settled_without_a_copy() -> None:
    ids, vectors = array(2, 4), column(20, 40)
    rows = Rows(1, ids, vectors)
    assert np.shares_memory(rows.settled()[0], ids)
    assert np.shares_memory(rows.settled()[1], vectors)
    rows.remove([4])
    assert not np.shares_memory(rows.settled()[1], vectors)
    assert rows.settled()[0].tolist() == [2]


def test_an_id_moves_from_main_to_tail_and_within_the_tail(rows: Rows) -> None:
    for value in (41, 42, 43):
        rows.remove(array(4, 1))
        rows.add(array(1, 4), column(value - 30, value))
        assert living(rows) == {1: value - 30, 2: 20, 4: value, 6: 60, 9: 90}
    assert (rows.size, rows.dead) == (5 + 6, 6)


def test_the_tail_grows(rows: Rows) -> None:
    expected = living(rows)
    for start, count in ((100, 1), (200, 60), (300, 10), (400, 500), (1000, 3000), (5000, 2), (6000, 900)):
        ids = np.arange(start, start + count)
        rows.add(ids, column(*(ids * 2)))
        expected |= {int(id_): float(id_ * 2) for id_ in ids}
        rows.remove(ids[:1])
        del expected[start]
        assert living(rows) == expected


def test_ids_are_known_however_long_ago_they_were_added() -> None:
    """Those added last are looked up in a dict, those before in sorted arrays, the first in the main part."""
    random = np.random.default_rng(0)
    rows = Rows(1, np.arange(0, 4000, 2), column(*range(2000)))
    values = {2 * place: float(place) for place in range(2000)}
    for round_ in range(60):
        ids = random.permutation(9000)[: random.integers(1, 400)]
        there = np.array([id_ in values for id_ in ids.tolist()])
        if there.any():
            with pytest.raises(UsageError, match="in the index already"):
                rows.add(ids, column(*ids))
        if not there.all():
            with pytest.raises(UsageError, match="not in the index"):
                rows.remove(ids)
        leaving = ids[there][::2]
        rows.remove(leaving)
        coming = np.concatenate([ids[~there], leaving])
        rows.add(coming, column(*(coming + 10_000 * round_)))
        values |= {int(id_): float(id_ + 10_000 * round_) for id_ in coming}
    assert living(rows) == values
    assert rows.size > 9000


def test_having_leaves_alive_only_what_is_wanted(rows: Rows) -> None:
    rows.remove([4, 9])
    rows.add(array(4, 300), column(44, 300))
    wanted = [300, 4, 6, 9, 5, 2**62]
    blocks = rows.having(wanted)
    kept = [block.ids[block.alive].tolist() for block in blocks]
    assert kept == [[6], [4, 300]]
    assert [len(block.ids) for block in blocks] == [3, 4]
    assert [block.ids[block.alive].tolist() for block in rows.having([])] == [[], []]
    assert [block.ids[block.alive].tolist() for block in rows.having(None)] == [[2, 6], [1, 4, 300]]
    for one, other in zip(rows.having(None), rows.blocks(), strict=True):
        assert one.alive.tolist() == other.alive.tolist()
    with pytest.raises(UsageError, match="ids must differ"):
        rows.having([6, 6])
    assert living(rows) == {1: 10, 2: 20, 6: 60, 4: 44, 300: 300}


def test_having_finds_ids_that_were_sorted_in() -> None:
    rows = Rows(1)
    for start in range(0, 6000, 600):
        ids = np.random.default_rng(start).permutation(600) + start
        rows.add(ids, column(*ids))
    rows.remove(range(0, 6000, 3))
    wanted = range(0, 6000, 7)
    main, tail = rows.having(wanted)
    assert len(main.ids) == 0
    assert sorted(tail.ids[tail.alive].tolist()) == [id_ for id_ in wanted if id_ % 3]


def test_nothing_at_all() -> None:
    rows = Rows(3)
    rows.add(array(), np.empty((0, 3), np.float32))
    rows.remove([])
    assert (len(rows), rows.size, rows.dead, rows.ids().tolist()) == (0, 0, 0, [])
    for blocks in (rows.blocks(), rows.having([1]), [rows.main, rows.tail]):
        assert [block.vectors.shape for block in blocks] == [(0, 3), (0, 3)]
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
    before, wanted = rows.blocks(), rows.having([2, 9, 400])
    rows.remove([2, 9])
    rows.add(array(2, 300), column(21, 300))
    rows.add(np.arange(400, 600), column(*range(200)))
    assert [block.ids.tolist() for block in before] == [[2, 4, 6], [9, 1]]
    assert [block.vectors[:, 0].tolist() for block in before] == [[20, 40, 60], [90, 10]]
    assert [block.alive.tolist() for block in before] == [[True] * 3, [True] * 2]
    assert [block.alive.tolist() for block in wanted] == [[True, False, False], [True, False]]


def test_main_part_and_tail_show_removals_at_once(rows: Rows) -> None:
    """What a search by tables looks at: no new rows, but no removed ones either."""
    main, tail = rows.main, rows.tail
    rows.remove([2, 9])
    rows.add(array(2), column(21))
    assert main.alive.tolist() == [False, True, True]
    assert tail.alive.tolist() == [False, True]
    assert rows.tail.ids.tolist() == [9, 1, 2]


def test_nobody_can_write_to_what_is_given_out(rows: Rows) -> None:
    for block in (*rows.blocks(), *rows.having([2, 9]), rows.main, rows.tail):
        for part in block:
            with pytest.raises(ValueError, match="read-only"):
                part[:1] = 1


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


def test_settling_takes_hardly_more_memory_than_the_new_main_part() -> None:
    count, dim = 40_000, 256
    main = np.zeros((count, dim), np.float16)
    rows = Rows(dim, np.arange(count), main)
    rows.add(array(count), np.full((1, dim), 3, np.float32))
    rows.remove([5])
    tracemalloc.start()
    ids, vectors = rows.settled()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1.7 * main.nbytes
    assert (vectors.dtype, vectors.shape) == (np.dtype(np.float16), (count, dim))
    assert (ids[5], ids[-1], vectors[-1, 0]) == (6, count, 3)
