"""Hash functions and tables: what they must be, computed again by slow means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from lookalike.errors import UsageError
from lookalike.index.base import Work
from lookalike.index.hashing import Hashing, HashSpec, Planes, fill

Vectors = NDArray[np.float32]


def some_vectors(count: int, dim: int, seed: int = 0) -> Vectors:
    """Off centre, as the features of a network are, and spread unequally."""
    random = np.random.default_rng(seed)
    return (random.standard_normal((count, dim)) * np.linspace(3, 0.3, dim) + 5).astype(np.float32)


@pytest.mark.parametrize("planes", ["principal", "gaussian"])
@pytest.mark.parametrize(("count", "dim"), [(1, 1), (2, 1), (300, 3), (200, 80)])
def test_every_row_lies_in_the_bucket_of_its_signs(count: int, dim: int, planes: Planes) -> None:
    vectors = some_vectors(count, dim)
    hashing = fill(vectors, HashSpec(3, 5, seed=4, planes=planes))
    centred = vectors.astype(np.float64) - hashing.centre
    margins = np.einsum("nd,tbd->tnb", centred, hashing.planes.astype(np.float64))
    sketch_margins = centred @ hashing.sketch_planes.astype(np.float64).T
    sure = (np.abs(margins) > 1e-4).all(axis=(0, 2)) & (np.abs(sketch_margins[:, :64]) > 1e-4).all(axis=1)
    assert sure.sum() >= count / 2 or count <= 2
    for table in range(3):
        assert sorted(hashing.rows[table].tolist()) == list(range(count))
        for bucket in range(32):
            run = slice(hashing.starts[table, bucket], hashing.starts[table, bucket + 1])
            for row in hashing.rows[table, run].tolist():
                if sure[row]:
                    signs = margins[table, row] > 0
                    assert bucket == sum(2**bit for bit in range(5) if signs[bit])
        assert hashing.codes[table].tolist() == hashing.sketches[hashing.rows[table], 0].tolist()
    for row in np.flatnonzero(sure).tolist():
        word = sum(2**bit for bit in range(64) if sketch_margins[row, bit] > 0)
        assert int(hashing.sketches[row, 0]) == word
    assert hashing.sketches.shape == (count, 8)
    hashing.check(count, dim)


def test_the_centre_is_the_mean() -> None:
    vectors = some_vectors(500, 7)
    mean = vectors.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(fill(vectors, HashSpec(1, 2)).centre, mean, rtol=1e-6)


def test_principal_planes_are_orthonormal_inside_the_leading_directions() -> None:
    vectors = some_vectors(2000, 60)
    hashing = fill(vectors, HashSpec(4, 12))
    leading = PCA(32).fit(vectors).components_
    for planes in hashing.planes:
        np.testing.assert_allclose(planes @ planes.T, np.eye(12), atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(planes @ leading.T, axis=1), 1, atol=0.02)
    assert np.abs(hashing.planes[0] @ hashing.planes[1].T).max() < 0.999


def test_gaussian_planes_are_spread_over_the_whole_space() -> None:
    vectors = some_vectors(2000, 60)
    planes = fill(vectors, HashSpec(4, 12, planes="gaussian")).planes.reshape(48, 60)
    np.testing.assert_allclose(np.linalg.norm(planes, axis=1), 1, atol=1e-5)
    inside = np.linalg.norm(planes @ PCA(32).fit(vectors).components_.T, axis=1) ** 2
    assert inside.mean() == pytest.approx(32 / 60, abs=0.05)
    assert 0.05 < np.abs(planes @ planes.T - np.eye(48)).max() < 0.9


@pytest.mark.parametrize("dim", [1, 10, 64, 600])
def test_sketch_planes_have_length_one(dim: int) -> None:
    planes = fill(some_vectors(50, dim), HashSpec(1, 1)).sketch_planes
    assert planes.shape == (512, dim)
    np.testing.assert_allclose(np.linalg.norm(planes, axis=1), 1, atol=1e-5)


def test_the_seed_and_the_data_decide_everything() -> None:
    vectors = some_vectors(400, 9)
    one, same, other = (fill(vectors, HashSpec(2, 4, seed=seed)) for seed in (1, 1, 2))
    for name, array in one._asdict().items():
        np.testing.assert_array_equal(array, getattr(same, name))
    assert not np.array_equal(one.planes, other.planes)
    assert not np.array_equal(one.sketch_planes, other.sketch_planes)


def test_rows_that_are_all_alike_share_a_bucket() -> None:
    hashing = fill(np.full((50, 6), 3, np.float32), HashSpec(2, 3))
    rows, work = hashing.candidates(np.full(6, 3, np.float32), 1, np.ones(50, np.bool_))
    assert rows.tolist() == list(range(50))
    assert work == Work(probes=1, candidates=50, sketches=50, distances=50)


def test_candidates_narrow_down_to_the_nearest() -> None:
    """Most of the true nearest rows are among few candidates: chance alone would bring 1 in 50."""
    vectors = some_vectors(5000, 30)
    hashing = fill(vectors, HashSpec(4, 6))
    alive = np.ones(5000, np.bool_)
    alive[::7] = False
    found = 0
    for query in some_vectors(20, 30, seed=1):
        rows, work = hashing.candidates(query, 256, alive, keep=100)
        assert alive[rows].all()
        assert len(set(rows.tolist())) == len(rows) == work.distances
        assert 100 <= len(rows) < 200
        assert work.probes == 256
        assert work.candidates == 4 * 5000
        assert len(rows) < work.sketches < 5000
        order = np.argsort(np.linalg.norm(vectors - query, axis=1))
        found += len(set(order[alive[order]][:10].tolist()) & set(rows.tolist()))
    assert found >= 0.8 * 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("tables", value) for value in (0, -1, 65, 2.0, "2", None)),
        *(("bits", value) for value in (0, -1, 21, 2.0, "2", None)),
        *(("seed", value) for value in (-1, 0.5, "x", None)),
        *(("planes", value) for value in ("", "Principal", None)),
    ],
)
def test_what_is_no_spec(field: str, value: Any) -> None:
    with pytest.raises(UsageError, match=field):
        HashSpec(**{"tables": 2, "bits": 3, field: value})


def test_buckets_are_counted_over_all_tables() -> None:
    assert HashSpec(3, 5).buckets == 96
    assert HashSpec(64, 20).buckets == 64 * 2**20


def _set(name: str, where: Any, value: int) -> Callable[[Hashing], Hashing]:
    def change(hashing: Hashing) -> Hashing:
        array = getattr(hashing, name).copy()
        array[where] = value
        return hashing._replace(**{name: array})

    return change


def _map(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Hashing], Hashing]:
    return lambda hashing: hashing._replace(**{name: change(getattr(hashing, name))})


HARMFUL: dict[str, Callable[[Hashing], Hashing]] = {
    "rows beyond the end": _set("rows", (1, 3), 40),
    "rows before the start": _set("rows", (0, 0), -1),
    "starts that fall": _set("starts", (0, 4), 10**6),
    "starts that begin late": _set("starts", (1, 0), 1),
    "starts that end late": _set("starts", (1, -1), 41),
    "starts for fewer buckets": _map("starts", lambda a: a[:, :-1]),
    "fewer codes": _map("codes", lambda a: a[:, 1:]),
    "fewer tables of codes": _map("codes", lambda a: a[1:]),
    "fewer sketches": _map("sketches", lambda a: a[1:]),
    "shorter sketches": _map("sketches", lambda a: a[:, 1:]),
    "fewer sketch planes": _map("sketch_planes", lambda a: a[1:]),
    "longer planes": _map("planes", lambda a: np.concatenate([a, a], axis=2)),
    "flat planes": _map("planes", lambda a: a[0]),
    "signed codes": _map("codes", lambda a: a.view(np.int64)),
    "wide rows": _map("rows", lambda a: a.astype(np.int64)),
    "a centre elsewhere": _map("centre", lambda a: a[1:]),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_tables_that_would_lead_the_kernels_astray_are_refused(harm: str) -> None:
    hashing = fill(some_vectors(40, 5), HashSpec(2, 3))
    hashing.check(40, 5)
    with pytest.raises(ValueError, match=r"must|unpack"):
        HARMFUL[harm](hashing).check(40, 5)


def test_tables_of_another_index_are_refused() -> None:
    hashing = fill(some_vectors(40, 5), HashSpec(2, 3))
    for count, dim in ((39, 5), (41, 5), (40, 4)):
        with pytest.raises(UsageError):
            hashing.check(count, dim)
