"""The exact scan where the contract suite is too small to reach: several pieces, buried tails, near ties."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.index import ExactIndex, exact
from lookalike.index.exact import scan, scan_within
from lookalike.index.rows import Block
from lookalike.kernels.metrics import parse_metric
from oracle import METRICS, Oracle

PIECE = exact._ROWS_AT_ONCE


@pytest.mark.parametrize("metric", METRICS)
def test_answers_across_pieces(metric: str) -> None:
    random = np.random.default_rng(0)
    # Whole numbers in a small range: hundreds of rows at the same distance, spread over the pieces.
    vectors = random.integers(1, 6, (2 * PIECE + 5, 3)).astype(np.float32)
    ids = random.permutation(10 * len(vectors))[: len(vectors)]
    index, oracle = ExactIndex(3, metric), Oracle(metric)
    index.add(ids, vectors)
    oracle.add(ids, vectors)
    gone = ids[:: PIECE // 3]
    index.remove(gone)
    oracle.remove(gone)
    queries = random.integers(1, 6, (3, 3)).astype(np.float32)
    for k in (1, 300):
        found = index.search(queries, k)
        expected, far = oracle.search(queries, k)
        np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
        if metric != "cosine":  # there, parallel vectors of other lengths tie only up to rounding
            np.testing.assert_array_equal(found.ids, expected)
        assert found.work.distances == 3 * len(oracle)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "hamming", "minkowski"])
def test_a_radius_across_pieces(metric: str) -> None:
    random = np.random.default_rng(5)
    vectors = random.integers(1, 6, (PIECE + 500, 3)).astype(np.float32)
    ids = random.permutation(len(vectors))
    index, oracle = ExactIndex(3, metric), Oracle(metric)
    for either in (index, oracle):
        either.add(ids, vectors)
        either.remove(ids[:: PIECE // 7])
    queries = random.integers(1, 6, (2, 3)).astype(np.float32)
    for radius in (0, 1, 2, 3):  # on many a row's distance
        found, expected = index.within(queries, radius), oracle.within(queries, radius)
        assert found.starts.tolist() == [0, len(expected[0][0]), len(expected[0][0]) + len(expected[1][0])]
        np.testing.assert_array_equal(found.ids, np.concatenate([near for near, _ in expected]))
        np.testing.assert_allclose(found.distances, np.concatenate([far for _, far in expected]), rtol=2e-6)


def test_more_queries_than_are_scanned_for_at_once() -> None:
    random = np.random.default_rng(6)
    vectors, queries = random.standard_normal((300, 4)), random.standard_normal((600, 4))
    index, oracle = ExactIndex(4, "euclidean"), Oracle("euclidean")
    for either in (index, oracle):
        either.add(range(300), vectors)
    found = index.within(queries, 1.2)
    expected = oracle.within(queries, 1.2)
    assert np.diff(found.starts).tolist() == [len(near) for near, _ in expected]
    np.testing.assert_array_equal(found.ids, np.concatenate([near for near, _ in expected]))
    np.testing.assert_array_equal(index.search(queries, 4).ids, oracle.search(queries, 4)[0])


def test_the_screen_decides_nothing_at_the_border_of_a_radius() -> None:
    """Far from the origin the screen is off by more than these rows lie apart."""
    steps = np.arange(-200, 200, dtype=np.float32) / 64
    vectors = np.stack([1000 + steps, np.full(400, 1000, np.float32)], axis=1)
    index = ExactIndex(2, "euclidean")
    index.add(range(400), vectors)
    for place in (0, 1, 100, 199):
        radius = place / 64
        inside = np.flatnonzero(np.abs(steps) <= radius)
        assert sorted(index.within([1000, 1000], radius).ids.tolist()) == inside.tolist()


def test_the_screen_decides_nothing_between_near_ties() -> None:
    """Far from the origin float32 products cannot tell these rows apart; their definition can."""
    offset = np.float32(1000)
    steps = np.random.default_rng(1).permutation(500).astype(np.float32) / 64
    vectors = np.stack([offset + steps, np.full(500, offset)], axis=1)
    index = ExactIndex(2, "euclidean")
    index.add(range(500), vectors)
    found = index.search([offset, offset], 500)
    assert found.ids[0].tolist() == np.argsort(steps).tolist()
    assert found.distances[0].tolist() == np.sort(steps).tolist()


@pytest.mark.parametrize("scale", [1e-19, 1e-20, 1e-21, 1e-22, 1e-24])
def test_squares_that_vanish_in_float32(scale: float) -> None:
    random = np.random.default_rng(2)
    vectors, queries = random.standard_normal((300, 16)), random.standard_normal((40, 16))
    index, oracle = ExactIndex(16, "euclidean"), Oracle("euclidean")
    index.add(range(300), vectors * scale)
    oracle.add(range(300), vectors)
    np.testing.assert_array_equal(index.search(queries * scale, 5).ids, oracle.search(queries, 5)[0])


def test_a_long_history_is_forgotten() -> None:
    index, oracle = ExactIndex(2, "manhattan"), Oracle("manhattan")
    random = np.random.default_rng(3)
    for round_ in range(12):
        ids = np.arange(round_ * 500, round_ * 500 + 500)
        vectors = random.integers(-9, 9, (500, 2)).astype(np.float32)
        for either in (index, oracle):
            either.add(ids, vectors)
            either.remove(ids[7:])
        held = sum(len(block.ids) for block in index._rows.blocks())
        assert held <= 3 * len(index) + 1024 + 500
    assert len(index) == len(oracle) == 12 * 7
    expected, _ = oracle.search([[0.0, 0.0]], 84)
    np.testing.assert_array_equal(index.search([0.0, 0.0], 84).ids, expected)


@pytest.mark.parametrize("metric", METRICS)
def test_a_scan_prepares_rows_that_are_not(metric: str) -> None:
    random = np.random.default_rng(4)
    vectors = (random.standard_normal((80, 6)) * random.uniform(0.1, 50, (80, 1))).astype(np.float32)
    queries = random.standard_normal((3, 6)).astype(np.float32) * 9
    oracle = Oracle(metric)
    oracle.add(range(80), vectors)
    block = Block(np.arange(80), vectors, np.ones(80, np.bool_))
    found = scan([block], queries, 7, parse_metric(metric), prepared=False)
    expected, far = oracle.search(queries, 7)
    np.testing.assert_array_equal(found.ids, expected)
    np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
    radius = float(far[0, 3] + far[0, 4]) / 2
    ranges = scan_within([block], queries, radius, parse_metric(metric), prepared=False)
    within = oracle.within(queries, radius)
    assert np.diff(ranges.starts).tolist() == [len(near) for near, _ in within]
    np.testing.assert_array_equal(ranges.ids, np.concatenate([near for near, _ in within]))
