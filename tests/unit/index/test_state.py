"""What a search looks at, made from rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Rows
from lookalike.index.state import filled, no_sketches, unhashed
from lookalike.index.tuning import MEASURED
from lookalike.kernels.metrics import parse_metric

EUCLIDEAN = parse_metric("euclidean")


def some_rows() -> Rows:
    """200 rows in the main part and 60 in the tail; 20 and 5 of them dead."""
    vectors = np.random.default_rng(0).standard_normal((260, 5)).astype(np.float32)
    rows = Rows(5, np.arange(200), vectors[:200])
    rows.add(np.arange(1000, 1060), vectors[200:])
    rows.remove([*range(20), *range(1000, 1005)])
    return rows


def living(rows: Rows) -> NDArray[np.intp]:
    return np.flatnonzero(np.concatenate([block.alive for block in rows.blocks()]))


def test_without_tables_only_the_main_part_counts_as_covered() -> None:
    rows = some_rows()
    for state in (unhashed(rows), filled(rows, rows.blocks(), None, EUCLIDEAN)):
        assert state.rows is rows
        assert (state.hashed, dict(state.curves)) == (None, {})
        assert (state.covered, state.dead, len(state.fresh)) == (200, 0, 0)


def test_tables_hold_what_was_alive_and_count_what_was_not() -> None:
    rows = some_rows()
    blocks, alive = rows.blocks(), living(rows)
    rows.remove([150, 1050])
    rows.add(np.array([5000, 150]), np.ones((2, 5), np.float32))
    state = filled(rows, blocks, HashSpec(2, 3), EUCLIDEAN)
    assert state.rows is rows
    assert state.hashed is not None
    assert sorted(state.hashed.tables.rows.tolist()) == alive.tolist()
    assert (state.covered, state.dead, len(state.fresh)) == (260, 25, 0)
    assert list(state.curves) == list(MEASURED)
    # What came and went since is what an index calls unsettled.
    assert state.unsettled == 2 + 2


def test_the_seed_of_the_tables_also_draws_what_is_measured() -> None:
    rows = some_rows()
    one, same = (filled(rows, rows.blocks(), HashSpec(1, 3, seed=7), EUCLIDEAN) for _ in range(2))
    assert one.curves == same.curves


class EnoughError(Exception):
    """Ends the work."""


class Patience:
    """Says how often it may be asked to go on."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked > self.most:
            raise EnoughError


def test_the_work_ends_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    # With more threads it depends on them before how many pieces of the work this one is asked.
    monkeypatch.setattr("lookalike.index.sharing.usable_cores", lambda: 1)
    rows = some_rows()
    endless = Patience(1000)
    filled(rows, rows.blocks(), HashSpec(1, 3), EUCLIDEAN, endless)
    assert endless.asked >= 4  # main part and tail are hashed, then measured
    for most in range(endless.asked):
        with pytest.raises(EnoughError):
            filled(rows, rows.blocks(), HashSpec(1, 3), EUCLIDEAN, Patience(most))


def test_sketches_of_no_rows() -> None:
    nothing = no_sketches()
    assert nothing.rows.shape == (0, 8)
    assert nothing.rows.dtype == np.uint64
