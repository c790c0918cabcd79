"""Levels against a plain computation of them, and among copies."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.calibration.background import FEWEST, MOST, Background
from lookalike.kernels.arrays import Vectors, unit_rows


def rows(count: int, seed: int, dim: int = 24) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32))


@pytest.mark.parametrize(("count", "left_out"), [(FEWEST, 4), (300, 6), (MOST, 20)])
def test_a_level_is_the_mean_of_the_three_ranks_after_those_left_out(count: int, left_out: int) -> None:
    known, queries = rows(count, 0), rows(9000, 1)  # more queries than one block holds
    levels = Background.of(known).levels(queries)
    assert levels.dtype == np.float32
    for place in (0, 4095, 4096, 8999):
        ranked = sorted((float(queries[place] @ row) for row in known), reverse=True)
        assert levels[place] == pytest.approx(np.mean(ranked[left_out : left_out + 3]), abs=1e-6)


def test_copies_in_the_collection_do_not_raise_the_level() -> None:
    known, query = rows(900, 2), rows(1, 3)
    alone = Background.of(known).levels(query)[0]
    noise = 0.02 * np.random.default_rng(4).standard_normal((15, query.shape[1]))
    copies = unit_rows((query + noise).astype(np.float32))
    assert (copies @ query[0]).min() > 0.98
    among_copies = Background.of(np.concatenate([known, copies])).levels(query)[0]
    assert among_copies < alone + 0.1


def test_a_large_collection_is_sampled_the_same_way_each_time() -> None:
    known = rows(5000, 5)
    one, other = Background.of(known), Background.of(known)
    assert one.rows.shape == (MOST, 24)
    assert np.array_equal(one.rows, other.rows)
    assert {row.tobytes() for row in one.rows} <= {row.tobytes() for row in known}


def test_a_small_collection_has_no_background() -> None:
    assert Background.of(rows(FEWEST - 1, 6)).levels(rows(3, 7)).tolist() == [0, 0, 0]
