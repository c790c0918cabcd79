"""Values of the projections, the measures and the buckets, each against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.labs.view.buckets import crowding, keys_of
from lookalike.labs.view.mapping import best_separated
from lookalike.labs.view.neighbours import nearest_others
from lookalike.labs.view.projection import METHODS, project
from lookalike.labs.view.separation import (
    MEASURED_AT_MOST,
    Separation,
    class_silhouettes,
    neighbours_of,
    sample,
    separation_of_embedding,
    separation_of_map,
)

Array = NDArray[np.floating]


def vectors(n: int = 60, dim: int = 16, seed: int = 0) -> NDArray[np.float32]:
    """Unit rows in three clusters of different sizes; their labels are ``labels(n)``."""
    random = np.random.default_rng(seed)
    middles = random.standard_normal((3, dim))
    rows = middles[labels(n)] + 0.4 * random.standard_normal((n, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def labels(n: int = 60) -> NDArray[np.int64]:
    return np.maximum(0, np.arange(n) * 6 // n - 3)


def distances(space: Array) -> Array:
    return np.linalg.norm(space[:, None] - space[None], axis=2)


def plain_silhouettes(apart: Array, own: NDArray[np.int64]) -> Array:
    """Rousseeuw's definition, picture by picture."""
    values = np.zeros(len(own))
    for i, label in enumerate(own):
        mates = (own == label) & (np.arange(len(own)) != i)
        if mates.any():
            a = apart[i, mates].mean()
            b = min(apart[i, own == other].mean() for other in set(own.tolist()) - {label})
            values[i] = (b - a) / max(a, b)
    return values


def plain_trustworthiness(space: Array, places: Array, k: int) -> float:
    """Venna and Kaski's definition."""
    n = len(space)
    penalty = 0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        rank = {j: r for r, j in enumerate(sorted(others, key=lambda j: distances_of(space, i, j)), 1)}
        near = sorted(others, key=lambda j: distances_of(places, i, j))[:k]
        penalty += sum(max(0, rank[j] - k) for j in near)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty


def distances_of(space: Array, i: int, j: int) -> float:
    return float(np.linalg.norm(space[i].astype(float) - space[j].astype(float)))


class TestProjection:
    def test_principal_components_are_those_of_a_singular_value_decomposition(self) -> None:
        rows = vectors().astype(np.float64)
        made = project(vectors(), seed=0)
        standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        u, s, _ = np.linalg.svd(standard, full_matrices=False)
        for axis in (0, 1):
            expected = u[:, axis] * s[axis]
            sign = np.sign(expected @ made.places["pca"][:, axis])
            np.testing.assert_allclose(made.places["pca"][:, axis], sign * expected, atol=1e-9)
        np.testing.assert_allclose(made.explained_variance, (s**2 / (s**2).sum())[:2])
        assert made.kept_variance == pytest.approx(1)  # 50 components are more than all 16

    def test_the_same_seed_gives_the_same_maps(self) -> None:
        first, again = (project(vectors(), seed=7) for _ in range(2))
        for name in METHODS:
            np.testing.assert_array_equal(first.places[name], again.places[name])
            assert first.places[name].shape == (60, 2)
        assert not np.allclose(first.places["tsne"], first.places["tsne_direct"])

    def test_only_fifty_components_are_kept(self) -> None:
        rows = np.random.default_rng(0).standard_normal((90, 70)).astype(np.float32)
        standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        shares = np.linalg.svd(standard, compute_uv=False) ** 2
        made = project(rows, seed=0)
        assert made.kept_variance == pytest.approx(shares[:50].sum() / shares.sum(), rel=1e-4)
        assert made.perplexity == pytest.approx(89 / 3)

    @pytest.mark.parametrize("method", ["tsne", "tsne_direct"])
    def test_tsne_keeps_clusters_together(self, method: str) -> None:
        apart = distances(project(vectors(), seed=0).places[method])
        same = labels()[:, None] == labels()[None]
        nearest = np.where(np.eye(60, dtype=bool), np.inf, apart).argmin(axis=1)
        assert same[np.arange(60), nearest].all()

    def test_pictures_that_are_all_the_same_have_no_map(self) -> None:
        with pytest.raises(UsageError, match="same embedding"):
            project(np.repeat(vectors(1), 12, axis=0), seed=0)


class TestSeparation:
    def test_silhouette_and_agreement_of_the_embedding(self) -> None:
        rows, own = vectors(), labels()
        cosines = 1 - rows.astype(np.float64) @ rows.T.astype(np.float64)
        measured = separation_of_embedding(rows, own, seed=0)
        assert measured.silhouette == pytest.approx(plain_silhouettes(cosines, own).mean(), abs=1e-6)
        near = np.argsort(cosines + 9 * np.eye(60), axis=1)[:, :10]
        assert measured.neighbour_agreement == pytest.approx((own[near] == own[:, None]).mean())
        assert measured.trustworthiness is None

    def test_a_map_is_measured_by_euclidean_distance(self) -> None:
        rows, own = vectors(), labels()
        places = np.random.default_rng(4).standard_normal((60, 2)) + 2 * own[:, None]
        measured = separation_of_map(places, rows, own, seed=0)
        apart = distances(places)
        assert measured.silhouette == pytest.approx(plain_silhouettes(apart, own).mean())
        near = np.argsort(apart + 99 * np.eye(60), axis=1)[:, :10]
        assert measured.neighbour_agreement == pytest.approx((own[near] == own[:, None]).mean())
        assert measured.trustworthiness == pytest.approx(plain_trustworthiness(rows, places, 10))
        expected = [plain_silhouettes(apart, own)[own == label].mean() for label in range(3)]
        np.testing.assert_allclose(class_silhouettes(places, own, seed=0), expected)

    def test_two_far_clusters(self) -> None:
        own = np.repeat([0, 1], 20)
        places = np.random.default_rng(0).uniform(-0.5, 0.5, (40, 2)) + 1000 * own[:, None]
        measured = separation_of_map(places, places.astype(np.float32), own, seed=0)
        assert measured.silhouette == pytest.approx(1, abs=2e-3)
        assert (measured.neighbour_agreement, measured.trustworthiness) == (1, 1)

    def test_one_class_has_no_classes_to_separate(self) -> None:
        one = np.zeros(60, np.int64)
        assert separation_of_embedding(vectors(), one, seed=0) == Separation(None, None)
        places = vectors()[:, :2]
        measured = separation_of_map(places, vectors(), one, seed=0)
        assert (measured.silhouette, measured.neighbour_agreement) == (None, None)
        assert measured.trustworthiness == pytest.approx(plain_trustworthiness(vectors(), places, 10))
        assert class_silhouettes(places, one, seed=0).tolist() == [0]

    def test_each_picture_a_class_of_its_own_has_no_silhouette(self) -> None:
        measured = separation_of_embedding(vectors(), np.arange(60), seed=0)
        assert measured == Separation(None, 0)

    def test_few_pictures_have_fewer_neighbours(self) -> None:
        assert [neighbours_of(n) for n in (10, 20, 21, 5000)] == [4, 9, 10, 10]
        measured = separation_of_map(vectors(10)[:, :2], vectors(10), labels(10), seed=0)
        assert measured.trustworthiness == pytest.approx(
            plain_trustworthiness(vectors(10), vectors(10)[:, :2], 4)
        )

    def test_very_many_are_sampled(self) -> None:
        assert sample(MEASURED_AT_MOST, 0).tolist() == list(range(MEASURED_AT_MOST))
        some = sample(MEASURED_AT_MOST + 900, 3)
        assert len(np.unique(some)) == len(some) == MEASURED_AT_MOST
        assert (some == sample(MEASURED_AT_MOST + 900, 3)).all()
        assert (some != sample(MEASURED_AT_MOST + 900, 4)).any()


class TestNeighbours:
    def test_those_of_a_plain_search(self) -> None:
        rows = vectors().astype(np.float64)
        cosines = rows @ rows.T
        expected = np.argsort(-cosines + 9 * np.eye(60), axis=1)[:, :8]
        found, apart = nearest_others(vectors(), 8)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_allclose(1 - apart, np.take_along_axis(cosines, expected, 1), atol=1e-6)

    def test_a_picture_is_never_its_own_neighbour(self) -> None:
        rows = np.repeat(vectors(3), 6, axis=0)
        found, _ = nearest_others(rows, 4)
        assert (found != np.arange(18)[:, None]).all()
        assert (found // 6 == np.arange(18)[:, None] // 6).all()  # the copies


class TestBuckets:
    def test_opposites_about_the_centre_differ_in_every_bit(self) -> None:
        rows = np.concatenate([vectors(), -vectors()])
        keys = keys_of(rows, seed=0)
        assert keys.dtype == np.uint8
        assert ((keys[:60] ^ keys[60:]) == 0xFF).all()
        assert (keys == keys_of(rows, seed=0)).all()
        assert (keys != keys_of(rows, seed=1)).any()

    def test_the_centre_is_taken_off(self) -> None:
        rows = np.concatenate([vectors(), -vectors()])
        np.testing.assert_array_equal(keys_of(rows + np.float32(3), seed=0), keys_of(rows, seed=0))

    def test_likeness_keeps_pictures_in_a_bucket(self) -> None:
        close = vectors() + np.float32(1e-4) * vectors(seed=5)
        keys = keys_of(np.concatenate([vectors(), close]), seed=0)
        assert (keys[:60] == keys[60:]).mean() > 0.95

    def test_crowding_counts(self) -> None:
        keys = np.array([0b00000000, 0b00000001, 0b10000000, 0b11000000, 0b11000000], np.uint8)
        near = np.array([[1, 2], [0, 4], [3, 0], [4, 2], [3, 0]])
        found = crowding(keys, near)
        assert [row.bits for row in found] == list(range(1, 9))
        assert [row.buckets for row in found] == [2, 3, 3, 3, 3, 3, 3, 4]
        assert [row.largest for row in found] == [3, 2, 2, 2, 2, 2, 2, 2]
        assert found[0].together == pytest.approx(6 / 10)
        assert found[1].together == pytest.approx(4 / 10)
        assert found[7].together == pytest.approx(2 / 10)


class TestColours:
    def test_all_of_a_few_classes(self) -> None:
        assert best_separated(np.zeros(12), np.ones(12, np.int64)) == tuple(range(12))

    def test_the_best_separated_of_many_but_no_tiny_ones(self) -> None:
        silhouettes = np.linspace(-1, 1, 30)
        counts = np.full(30, 20)
        counts[29] = 9
        assert best_separated(silhouettes, counts) == tuple(range(17, 29))
