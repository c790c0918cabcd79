"""Recall as it is measured, against answers whose recall is known beforehand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index.rows import Block
from lookalike.index.tuning import RecallPoint, choose_tables_and_bits, measure_recall, probes_for

Ids = NDArray[np.int64]


class Line:
    """Rows on a line, row i at i; tables that miss a share of each answer which depends on the probes."""

    def __init__(self, count: int, missed: dict[int, int], *, own_found: bool = True) -> None:
        self.block = Block(
            np.arange(count) * 3, np.arange(count, dtype=np.float32)[:, None], np.ones(count, np.bool_)
        )
        self.missed = missed
        self.own_found = own_found
        self.asked: list[tuple[int, int, int]] = []

    def truth(self, queries: NDArray[np.float32], k: int) -> Ids:
        apart = np.abs(queries - self.block.vectors.T)
        return self.block.ids[np.argsort(apart, axis=1, kind="stable")[:, :k]]

    def search(self, queries: NDArray[np.float32], k: int, probes: int) -> Ids:
        self.asked.append((len(queries), k, probes))
        found = self.truth(queries, k)
        if not self.own_found:
            found[:, 0] = -1
        missed = self.missed.get(probes, 0)
        # Every second query misses its furthest neighbours.
        found[::2, k - missed :] = -1
        return found


def measured(line: Line, most_probes: int = 1 << 20) -> tuple[RecallPoint, ...]:
    return measure_recall(line.search, line.truth, line.block, most_probes, np.random.default_rng(0))


def test_recall_is_the_share_found_and_lower_is_its_confidence_bound() -> None:
    line = Line(1000, {4: 8, 8: 4, 16: 1, 32: 0})
    points = measured(line)
    assert [point.probes for point in points] == [4, 8, 16, 32]
    assert line.asked == [(256, 11, probes) for probes in (4, 8, 16, 32)]
    for point, missed in zip(points, (8, 4, 1, 0), strict=True):
        hits = [1 - missed / 10, 1.0] * 128
        mean = math.fsum(hits) / 256
        variance = math.fsum((hit - mean) ** 2 for hit in hits) / 255
        assert point.recall == pytest.approx(mean)
        assert point.lower == pytest.approx(mean - 1.645 * math.sqrt(variance / 256))


def test_a_query_is_not_its_own_neighbour() -> None:
    """An index that found a query's own row and nothing else would otherwise look better than it is."""
    assert measured(Line(50, {4: 10}))[0].recall == pytest.approx(0.5)


def test_a_query_whose_own_row_was_missed_counts_as_well() -> None:
    # k + 1 places then hold an empty place and k true neighbours; the last is dropped instead of the own row.
    points = measured(Line(50, {}, own_found=False), most_probes=4)
    assert [point.recall for point in points] == pytest.approx([0.9])


def test_it_stops_once_all_buckets_are_visited() -> None:
    points = measured(Line(100, dict.fromkeys(range(1, 100), 3)), most_probes=19)
    assert [point.probes for point in points] == [4, 8, 16, 19]
    assert [point.probes for point in measured(Line(100, {}), most_probes=2)] == [2]


def test_it_stops_once_recall_falls() -> None:
    points = measured(Line(100, {4: 6, 8: 2, 16: 2, 32: 5, 64: 1}))
    assert [point.probes for point in points] == [4, 8, 16, 32]


@pytest.mark.parametrize("count", [2, 3, 11, 12])
def test_few_rows(count: int) -> None:
    line = Line(count, {})
    (point,) = measured(line)
    assert (point.recall, point.lower) == (1, 1)
    assert line.asked == [(count, min(10, count - 1) + 1, 4)]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_to_measure(count: int) -> None:
    assert measured(Line(count, {})) == ()


CURVE = (
    RecallPoint(4, 0.5, 0.45),
    RecallPoint(8, 0.92, 0.9),
    RecallPoint(16, 0.91, 0.89),
    RecallPoint(32, 1, 0.99),
)


@pytest.mark.parametrize(
    ("recall", "probes"),
    [(0.01, 4), (0.45, 4), (0.46, 8), (0.9, 8), (0.91, 32), (0.99, 32), (0.991, None), (1.0, None)],
)
def test_the_cheapest_setting_that_surely_reaches_it(recall: float, probes: int | None) -> None:
    assert probes_for(CURVE, recall) == probes


def test_a_recall_of_one_is_exact_even_where_a_sample_found_everything() -> None:
    assert probes_for((RecallPoint(4, 1.0, 1.0),), 1.0) is None
    assert probes_for((), 0.5) is None


@pytest.mark.parametrize("bits", range(4, 21))
def test_about_32_rows_a_bucket(bits: int) -> None:
    assert choose_tables_and_bits(32 << bits) == (4, bits)


def test_bits_stay_in_range() -> None:
    assert choose_tables_and_bits(0) == (4, 4)
    assert choose_tables_and_bits(1) == (4, 4)
    assert choose_tables_and_bits(10**12) == (4, 20)


@pytest.mark.parametrize(
    "values", [(0, 0.5, 0.4), (-4, 0.5, 0.4), (4.0, 0.5, 0.4), ("4", 0.5, 0.4), (4, 0.5, 0.6), (4, 1.5, 0.4)]
)
def test_what_is_no_measurement(values: Any) -> None:
    with pytest.raises(UsageError, match="not a measurement"):
        RecallPoint(*values)
