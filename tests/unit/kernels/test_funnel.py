"""The funnel's two compiled stages, against Python sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.kernels import buckets
from lookalike.kernels.buckets import Tables
from lookalike.kernels.funnel import candidates, nearest_sketches

COUNT, BITS, TABLES = 400, 4, 3


def bits_apart(a: Any, b: Any) -> int:
    return (int(a) ^ int(b)).bit_count()


def candidates_twin(
    tables: Tables, probes: list[tuple[int, int]], word: int, alive: NDArray[np.bool_], keep: int
) -> tuple[list[int], int]:
    met = [
        (bits_apart(tables.codes[table, place], word), int(tables.rows[table, place]))
        for table, key in probes
        for place in range(tables.starts[table, key], tables.starts[table, key + 1])
    ]
    border = sorted(distance for distance, _ in met)[keep - 1] if keep <= len(met) else 64
    return sorted({row for distance, row in met if distance <= border and alive[row]}), len(met)


@pytest.fixture
def tables() -> Tables:
    random = np.random.default_rng(0)
    # Few distinct codes, so that many rows tie at any border.
    words = random.choice(random.integers(0, 2**64, 40, dtype=np.uint64), COUNT)
    keys = random.integers(0, 2**BITS, (TABLES, COUNT), dtype=np.uint32)
    keys[1] = np.minimum(keys[1], 3)  # this table's other buckets are empty
    return buckets.build(keys, words, BITS)


def ask(
    tables: Tables, probes: list[tuple[int, int]], word: int, alive: NDArray[np.bool_], keep: int
) -> tuple[list[int], int]:
    rows, seen = candidates(
        tables,
        np.array([table for table, _ in probes], np.int32),
        np.array([key for _, key in probes], np.uint32),
        np.uint64(word),
        alive,
        keep,
    )
    assert rows.dtype == np.dtype("int32")
    return rows.tolist(), seen


@pytest.mark.parametrize("keep", [1, 2, 30, 150, 10_000])
def test_candidates(tables: Tables, keep: int) -> None:
    random = np.random.default_rng(keep)
    every = [(table, key) for table in range(TABLES) for key in range(2**BITS)]
    for round_ in range(30):
        probes = [every[i] for i in random.permutation(len(every))[: random.integers(0, len(every) + 1)]]
        word = int(tables.codes[0, round_]) if round_ % 2 else int(random.integers(0, 2**64, dtype=np.uint64))
        alive = random.random(COUNT) < [1.0, 0.6, 0.0][round_ % 3]
        assert ask(tables, probes, word, alive, keep) == candidates_twin(tables, probes, word, alive, keep)


def test_codes_that_differ_in_all_bits() -> None:
    words = np.array([0, 2**64 - 1, 1], np.uint64)
    tables = buckets.build(np.zeros((1, 3), np.uint32), words, 1)
    alive = np.ones(3, np.bool_)
    assert ask(tables, [(0, 0)], 0, alive, 1) == ([0], 3)
    assert ask(tables, [(0, 0)], 0, alive, 3) == ([0, 1, 2], 3)
    assert ask(tables, [(0, 0)], 2**64 - 1, alive, 2) == ([1, 2], 3)
    assert ask(tables, [(0, 1)], 0, alive, 3) == ([], 0)


def test_the_last_bucket_can_be_visited(tables: Tables) -> None:
    last = 2**BITS - 1
    rows, seen = ask(tables, [(0, last)], 0, np.ones(COUNT, np.bool_), COUNT)
    assert seen == len(rows) == tables.starts[0, last + 1] - tables.starts[0, last] > 0


@pytest.mark.parametrize("words", [1, 8])
@pytest.mark.parametrize("keep", [1, 10, 99, 100, 500])
def test_nearest_sketches(keep: int, words: int) -> None:
    random = np.random.default_rng(keep)
    distinct = random.integers(0, 2**64, (25, words), dtype=np.uint64)
    sketches = distinct[random.integers(0, 25, COUNT)]
    sketches[7], sketches[8] = 0, ~np.uint64(0)
    for query in (distinct[0], np.zeros(words, np.uint64)):
        rows = random.permutation(COUNT)[:100].astype(np.int32)
        rows[:2] = (8, 7)
        apart = [
            sum(bits_apart(a, b) for a, b in zip(sketches[row], query, strict=True)) for row in rows.tolist()
        ]
        border = sorted(apart)[min(keep, 100) - 1] if keep < 100 else 64 * words
        expected = [row for row, distance in zip(rows.tolist(), apart, strict=True) if distance <= border]
        found = nearest_sketches(rows, sketches, query, keep)
        assert found.dtype == np.dtype("int32")
        assert found.tolist() == expected


def test_no_rows_have_no_nearest() -> None:
    nothing = np.empty(0, np.int32)
    assert nearest_sketches(nothing, np.zeros((5, 8), np.uint64), np.zeros(8, np.uint64), 3).tolist() == []
