"""What the benchmarks compute from measurements, against values worked out by hand or another way."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from lookalike.errors import DamagedError, NotFoundError
from lookalike.labs.bench.curves import Point, fastest, frontier, seconds_at
from lookalike.labs.bench.fits import crossover, power_law
from lookalike.labs.bench.grown import NOISE, write_grown
from lookalike.labs.bench.truth import Nearest, recall_of, true_neighbours
from lookalike.labs.bench.vectors import add_vector_options, chosen_vectors, read_vectors
from lookalike.labs.shared.style import spread

POINTS = [Point(0.99, 8.0), Point(0.9, 2.0), Point(0.95, 3.0), Point(0.92, 5.0), Point(0.95, 4.0)]


def test_a_frontier_holds_what_nothing_beats() -> None:
    assert frontier(POINTS) == [(0.9, 2.0), (0.95, 3.0), (0.99, 8.0)]
    assert frontier([]) == []


def test_time_is_interpolated_in_its_logarithm() -> None:
    assert seconds_at(POINTS, 0.95) == 3.0
    assert seconds_at(POINTS, 0.97) == pytest.approx(math.sqrt(3.0 * 8.0))
    assert seconds_at(POINTS, 0.91) == pytest.approx(2 ** (4 / 5) * 3 ** (1 / 5))
    assert seconds_at(POINTS, 0.5) == 2.0
    assert seconds_at(POINTS, 0.995) is None


def test_the_fastest_setting_need_not_be_the_nearest() -> None:
    points = [Point(0.96, 1.0), Point(0.97, 5.0), Point(0.999, 3.0)]
    assert fastest(points, 0.97) == 2
    assert fastest(points, 0.9995) is None


def test_a_power_law_is_found_again() -> None:
    sizes = [10.0, 100.0, 1000.0]
    law = power_law(sizes, [3 * size**0.4 for size in sizes])
    assert law is not None
    assert law == pytest.approx((3, 0.4))
    assert law.at(50) == pytest.approx(3 * 50**0.4)
    assert power_law([1.0], [1.0]) is None


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (
            [4, 4, 1],
            10 * math.sqrt(10),
        ),  # above by a factor 2 at 10, below by 2 at 100: half way in logarithms
        ([1, 1, 1], 1),
        ([1, 4, 1], 10 * math.sqrt(10)),
        ([1, 1, 4], None),
    ],
)
def test_the_crossover_is_where_it_stays_below(one: list[float], expected: float | None) -> None:
    found = crossover([1, 10, 100], one, [2, 2, 2])
    assert found == (None if expected is None else pytest.approx(expected))


def test_recall_counts_each_true_neighbour_once() -> None:
    truth = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    assert recall_of(np.array([[1, 1, 9, -1], [8, 7, 6, 5]]), truth) == (1 / 4 + 1) / 2


def test_true_neighbours_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    base, queries = (random.standard_normal((rows, 16)).astype(np.float32) for rows in (20_000, 9))
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    base[17_000] = base[3]  # a tie, which the lower number wins, in another block
    queries[0] = base[3]
    expected = NearestNeighbors(algorithm="brute").fit(base).kneighbors(queries, 10, return_distance=False)
    found = true_neighbours(base, queries, 10)
    assert found[0, :2].tolist() == [3, 17_000]
    np.testing.assert_array_equal(np.sort(found), np.sort(expected))


def test_true_neighbours_are_kept_while_rows_come() -> None:
    random = np.random.default_rng(1)
    base, queries = (random.standard_normal((rows, 8)).astype(np.float32) for rows in (40_000, 12))
    halves = (base / np.linalg.norm(base, axis=1, keepdims=True)).astype(np.float16)
    nearest, met = Nearest(queries, 10), 0
    for size, asked in ((15, 12), (400, 12), (20_000, 7), (40_000, 2)):
        nearest.forget(asked)
        nearest.meet(halves, met, size)
        met = size
        units = halves[:size].astype(np.float64)
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        expected = np.argsort(-(queries[:asked].astype(np.float64) @ units.T), axis=1)[:, :10]
        np.testing.assert_array_equal(nearest.found(halves), expected)
        np.testing.assert_array_equal(true_neighbours(halves[:size], queries[:asked], 10), expected)


def test_vectors_are_read_from_both_kinds_of_file(tmp_path: Path) -> None:
    codes = np.array([[3, 2], [0, -1], [-4, 1]], np.int8)
    scale = np.array([1, 2], np.float32)
    np.savez(tmp_path / "coded.npz", codes=codes, scale=scale)
    np.save(tmp_path / "plain.npy", (codes * scale * 7).astype(np.float32))
    for name in ("coded.npz", "plain.npy"):
        base, queries = read_vectors(tmp_path / name, None, 1)
        np.testing.assert_allclose(base, [[0.6, 0.8], [0, -1]], rtol=1e-6)
        np.testing.assert_allclose(queries, [[-4 / math.sqrt(20), 2 / math.sqrt(20)]], rtol=1e-6)
    assert len(read_vectors(tmp_path / "plain.npy", 1, 1)[0]) == 1
    with pytest.raises(ValueError, match="has 3 rows: not 2 and 2 queries besides"):
        read_vectors(tmp_path / "plain.npy", 2, 2)


def test_few_rows_are_asked_fewer_queries(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_vector_options(parser)
    random = np.random.default_rng(0)
    for count, queries in ((30, 6), (3, 1), (6000, 1000)):
        np.save(tmp_path / "rows.npy", random.standard_normal((count, 4)))
        path, base, asked = chosen_vectors(parser.parse_args(["--vectors", str(tmp_path / "rows.npy")]))
        assert (path, len(base), len(asked)) == (tmp_path / "rows.npy", count - queries, queries)


@pytest.mark.parametrize("content", [b"", b"no vectors", b"PK\x03\x04"])
def test_files_without_vectors_are_named(content: bytes, tmp_path: Path) -> None:
    for name in ("rows.npy", "rows.npz"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DamagedError, match=f"{name} does not hold vectors"):
            read_vectors(tmp_path / name, None, 1)
    np.savez(tmp_path / "others.npz", rows=np.zeros((3, 3)))
    with pytest.raises(DamagedError, match=r"others\.npz does not hold vectors"):
        read_vectors(tmp_path / "others.npz", None, 1)
    with pytest.raises(NotFoundError, match="there is no file"):
        read_vectors(tmp_path / "none.npy", None, 1)


def test_grown_rows_follow_the_real_ones(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    real = (random.standard_normal((300, 16)) * np.linspace(3, 0.01, 16)).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    grown = write_grown(tmp_path / "more.npy", real, 9000)
    assert isinstance(grown, np.memmap)
    np.testing.assert_array_equal(grown[:300], real)
    np.testing.assert_array_equal(grown[:500], write_grown(tmp_path / "fewer.npy", real, 500))
    made = np.asarray(grown[300:])
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, rtol=1e-5)
    away = 2 - 2 * (made @ real.T).max(axis=1)
    assert 0 < np.median(np.sqrt(away)) < 2 * NOISE
    variances, real_variances = made.var(axis=0), real.var(axis=0)
    assert variances[0] > 1000 * variances[-1]
    np.testing.assert_allclose(variances / variances.sum(), real_variances / real_variances.sum(), atol=0.05)


def test_names_are_spread_apart_in_order() -> None:
    assert spread([0.5, 0.51, 0.1], 0.1, 0.0, 1.0) == pytest.approx([0.41, 0.51, 0.1])
    assert spread([0.0, 0.0, 0.0], 0.1, 0.0, 1.0) == pytest.approx([0.0, 0.1, 0.2])
    assert spread([1.0, 1.0], 0.1, 0.0, 1.0) == pytest.approx([0.9, 1.0])
