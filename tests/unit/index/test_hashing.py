"""Hash functions and tables: what they must be, computed again by slow means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import hadamard
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import twins
from hashed_rows import Vectors, blocks_of, filled, some_vectors
from lookalike.errors import UsageError
from lookalike.index.hashed import fill
from lookalike.index.hashing import HashFunctions, HashSpec, Planes
from lookalike.index.rows import rows_at
from lookalike.kernels.arrays import is_short

SHORT = 2**-7
"""How far products of two hyperplanes may be from those of orthonormal ones.

Rounding moves each number by up to 2 ** -8 of itself, and so a product of two vectors of length 1 by up to
twice that.
"""


def true_margins(functions: HashFunctions, vectors: Vectors) -> NDArray[np.float64]:
    """All margins: of the keys, of the 128 bits of the code, of the 384 other bits of the sketch."""
    centred = vectors.astype(np.float64) - functions.centre
    size = functions.signs.shape[1]
    turned = np.pad(centred, ((0, 0), (0, size - centred.shape[1])))
    for signs in functions.signs.astype(np.float64):
        # A Hadamard matrix as the product of two smaller ones; rows come out ordered by the second first.
        square = (turned * signs).reshape(-1, size // 16, 16)
        turned = (hadamard(size // 16) @ square @ hadamard(16)).transpose(0, 2, 1).reshape(-1, size)
    return np.concatenate([centred @ functions.planes.astype(np.float64).T, turned[:, 128:512]], axis=1)


CASES = {
    "one row": (1, 1, ()),
    "two rows": (2, 1, (1,)),
    "main part and tail": (300, 3, (200,)),
    "an empty main part": (200, 80, (0,)),
    "an empty tail": (200, 80, (200,)),
    "more than is hashed at once": (2_000, 4, (900,)),
}


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.index.hashed._ROWS_AT_ONCE", 1 << 9)


@pytest.mark.parametrize("planes", ["principal", "gaussian"])
@pytest.mark.parametrize("case", CASES)
def test_every_living_row_lies_in_the_buckets_of_its_signs(case: str, planes: Planes) -> None:
    count, dim, cuts = CASES[case]
    dead = np.arange(1, count, 7)
    vectors = some_vectors(count, dim)
    hashed = fill(blocks_of(vectors, *cuts, dead=dead), HashSpec(3, 5, seed=4, planes=planes))
    hashed.check(count, dim)
    living = np.setdiff1d(np.arange(count), dead)
    margins = true_margins(hashed.functions, vectors)
    sure = np.abs(margins) > 1e-3  # float32 decides the others
    assert sure.mean() > 0.95 or count <= 2

    assert sorted(hashed.tables.rows.tolist()) == living.tolist()
    bits = twins.bits_of(hashed.tables.sketches)
    expected = margins[hashed.tables.rows, 15:]
    np.testing.assert_array_equal(
        bits[sure[hashed.tables.rows, 15:]], (expected > 0)[sure[hashed.tables.rows, 15:]]
    )
    for table in range(3):
        slots = np.arange(len(living)) if table == 0 else hashed.tables.slots[table - 1]
        assert sorted(slots.tolist()) == list(range(len(living)))
        rows = hashed.tables.rows[slots]
        buckets = np.repeat(np.arange(32), np.diff(hashed.tables.starts[table]))
        own = slice(5 * table, 5 * table + 5)
        certain = sure[rows, own].all(axis=1)
        keys = twins.keys(margins[rows, own].astype(np.float32))
        np.testing.assert_array_equal(buckets[certain], keys[certain])
        # The codes lie in the order of the buckets: the first two words of the sketches.
        codes = twins.codes(hashed.tables.codes[table], hashed.tables.starts[table])
        np.testing.assert_array_equal(codes, hashed.tables.sketches[slots, :2])


CELLS = HashSpec(1, 0, cells=30)


@pytest.mark.parametrize("case", CASES)
def test_every_living_row_lies_in_the_cell_of_the_nearest_centre(case: str) -> None:
    count, dim, cuts = CASES[case]
    dead = np.arange(1, count, 7)
    vectors = some_vectors(count, dim)
    hashed = fill(blocks_of(vectors, *cuts, dead=dead), CELLS)
    hashed.check(count, dim)
    living = np.setdiff1d(np.arange(count), dead)
    assert sorted(hashed.tables.rows.tolist()) == living.tolist()
    centres = hashed.functions.cells.centres.astype(np.float64)
    assert len(centres) == hashed.buckets <= min(30, len(living))
    codes = true_margins(hashed.functions, vectors)[hashed.tables.rows, :128]
    apart = np.sqrt(((codes[:, None] - centres) ** 2).sum(axis=2))
    own = np.repeat(np.arange(len(centres)), np.diff(hashed.tables.starts[0]))
    np.testing.assert_allclose(apart[np.arange(len(own)), own], apart.min(axis=1), atol=1e-2)


def test_centres_are_about_the_means_of_their_cells() -> None:
    """All rows are learned from if they are few, and three rounds bring most of what can be gained."""
    vectors = some_vectors(900, 20)
    functions, tables = filled(vectors, CELLS)
    codes = functions.margins(vectors)[tables.rows]
    own = np.repeat(np.arange(30), np.diff(tables.starts[0]))
    means = np.array([codes[own == cell].mean(axis=0) for cell in range(30)])
    spread = np.square(codes - functions.cells.centres[own]).sum(axis=1).mean()
    assert np.square(codes - means[own]).sum(axis=1).mean() == pytest.approx(spread, rel=0.05)
    best = KMeans(30, n_init=1, random_state=0).fit(codes).inertia_ / 900
    assert best * 0.95 < spread < best * 1.2
    drawn = codes[np.random.default_rng(0).choice(900, 30, replace=False)]
    unlearned = np.square(codes[:, None] - drawn).sum(axis=2).min(axis=1).mean()
    assert spread < unlearned * 0.8


def test_what_a_cell_costs_is_how_much_farther_its_centre_is() -> None:
    vectors = some_vectors(900, 20)
    functions = filled(vectors, CELLS).functions
    margins = functions.margins(vectors[:50])
    apart = ((margins[:, None].astype(np.float64) - functions.cells.centres) ** 2).sum(axis=2)
    expected = apart - apart.min(axis=1, keepdims=True)
    np.testing.assert_allclose(functions.borders(margins)[:, 0], expected, rtol=1e-4, atol=1e-2)
    np.testing.assert_array_equal(
        functions.keys(margins), functions.borders(margins)[:, 0].argmin(axis=1)[None]
    )


@pytest.mark.parametrize("spec", [HashSpec(2, 4), HashSpec(2, 4, planes="gaussian"), CELLS], ids=str)
def test_blocks_do_not_matter(spec: HashSpec) -> None:
    vectors = some_vectors(500, 9)
    dead = np.arange(100, 200, 3)
    whole = fill(blocks_of(vectors, dead=dead), spec)
    for cuts in ((100,), (0,), (500,), (200, 201)):
        cut = fill(blocks_of(vectors, *cuts, dead=dead), spec)
        np.testing.assert_allclose(cut.functions.planes, whole.functions.planes)
        np.testing.assert_array_equal(cut.tables.rows, whole.tables.rows)
        np.testing.assert_array_equal(cut.tables.starts, whole.tables.starts)


@pytest.mark.parametrize("spec", [HashSpec(2, 4), HashSpec(2, 4, planes="gaussian"), CELLS], ids=str)
def test_hyperplanes_and_centres_are_short(spec: HashSpec) -> None:
    """So that a single query reads half as much."""
    functions = filled(some_vectors(500, 9), spec).functions
    assert is_short(functions.planes)
    assert is_short(functions.cells.centres)


def test_margins_and_sketches_of_new_vectors_are_those_of_filling() -> None:
    vectors = some_vectors(400, 20)
    hashed = filled(vectors, HashSpec(2, 4))
    margins = hashed.functions.margins(vectors)
    assert margins.shape == (400, 2 * 4 + 128)
    np.testing.assert_allclose(margins, true_margins(hashed.functions, vectors)[:, :136], atol=1e-4)
    borders = hashed.functions.borders(margins)
    assert borders.shape == (400, 2, 4)
    np.testing.assert_array_equal(borders[7, 1], margins[7, 4:8])
    np.testing.assert_array_equal(hashed.functions.keys(margins), twins.keys(borders).T)
    np.testing.assert_array_equal(hashed.functions.codes(margins), margins[:, 8:])
    for sketches in (hashed.functions.sketch(vectors), hashed.functions.sketch(vectors, margins)):
        np.testing.assert_array_equal(sketches[hashed.tables.rows], hashed.tables.sketches)
    assert hashed.functions.sketch(vectors[:0]).shape == (0, 8)


def test_the_centre_is_the_mean_of_the_living() -> None:
    vectors = some_vectors(500, 7)
    vectors[::5] += 1000
    hashed = fill(blocks_of(vectors, 250, dead=np.arange(0, 500, 5)), HashSpec(1, 2))
    living = np.delete(vectors, np.s_[::5], axis=0).astype(np.float64)
    np.testing.assert_allclose(hashed.functions.centre, living.mean(axis=0), rtol=1e-6)


@pytest.mark.parametrize(("tables", "room"), [(1, 13), (4, 32)])
def test_principal_planes_are_orthonormal_inside_the_leading_directions(tables: int, room: int) -> None:
    vectors = some_vectors(2000, 60)
    hashed = filled(vectors, HashSpec(tables, 12))
    leading = PCA(room).fit(vectors).components_
    for planes in hashed.functions.planes[:-128].reshape(tables, 12, 60):
        np.testing.assert_allclose(planes @ planes.T, np.eye(12), atol=SHORT)
        np.testing.assert_allclose(np.linalg.norm(planes @ leading.T, axis=1), 1, atol=0.03)
    if tables > 1:
        assert np.abs(hashed.functions.planes[:12] @ hashed.functions.planes[12:24].T).max() < 0.999


@pytest.mark.parametrize("dim", [1, 10, 128, 300])
def test_the_planes_of_the_code_lie_in_the_128_leading_directions(dim: int) -> None:
    vectors = some_vectors(400, dim)
    planes = filled(vectors, HashSpec(1, 1)).functions.planes[-128:]
    np.testing.assert_allclose(np.linalg.norm(planes, axis=1), 1, atol=SHORT)
    side = min(dim, 128)
    for start in range(0, 128 - side + 1, side):
        run = planes[start : start + side]
        np.testing.assert_allclose(run @ run.T, np.eye(side), atol=SHORT)
    if dim == 300:
        leading = PCA(128).fit(vectors).components_
        np.testing.assert_allclose(np.linalg.norm(planes @ leading.T, axis=1), 1, atol=0.01)


def test_gaussian_planes_are_spread_over_the_whole_space() -> None:
    vectors = some_vectors(2000, 60)
    planes = filled(vectors, HashSpec(4, 12, planes="gaussian")).functions.planes
    assert planes.shape == (48 + 128, 60)
    np.testing.assert_allclose(np.linalg.norm(planes, axis=1), 1, atol=SHORT)
    inside = np.linalg.norm(planes @ PCA(32).fit(vectors).components_.T, axis=1) ** 2
    assert inside.mean() == pytest.approx(32 / 60, abs=0.05)
    assert 0.05 < np.abs(planes @ planes.T - np.eye(176)).max() < 0.9


@pytest.mark.parametrize(("dim", "size"), [(1, 512), (512, 512), (513, 1024)])
def test_the_signs_let_the_rotation_keep_lengths(dim: int, size: int) -> None:
    signs = filled(some_vectors(20, dim), HashSpec(1, 1, planes="gaussian")).functions.signs
    assert signs.shape == (2, size)
    np.testing.assert_array_equal(np.abs(signs[0]), np.float32(1 / size))
    np.testing.assert_array_equal(np.abs(signs[1]), 1)
    assert 0.3 < (signs > 0).mean() < 0.7


@pytest.mark.parametrize("spec", [HashSpec(2, 4), CELLS], ids=["signs", "cells"])
def test_the_seed_and_the_data_decide_everything(spec: HashSpec) -> None:
    vectors = some_vectors(400, 9)
    one, same, other = (filled(vectors, replace(spec, seed=seed)) for seed in (1, 1, 2))
    assert one.functions.bits == same.functions.bits == spec.bits
    of_one, of_same = ((*of.functions[:3], *of.functions.cells, *of.tables) for of in (one, same))
    for mine, its in zip(of_one, of_same, strict=True):
        np.testing.assert_array_equal(mine, its)
        assert not mine.flags.writeable
    for name in ("planes", "signs"):
        assert not np.array_equal(getattr(one.functions, name), getattr(other.functions, name))


def test_rows_that_are_all_alike_share_a_bucket() -> None:
    alike = np.full((50, 6), 3, np.float32)
    assert np.diff(filled(alike, CELLS).tables.starts).tolist() == [[50]]
    hashed = filled(alike, HashSpec(2, 3))
    assert np.sort(np.diff(hashed.tables.starts, axis=1)).tolist() == [[0] * 7 + [50]] * 2
    assert len(np.unique(hashed.tables.sketches, axis=0)) == 1


def test_copies_of_a_row_share_a_cell_even_if_centres_are_equally_far() -> None:
    """Unit vectors are equally far from each other, so those that are no centre themselves are in between."""
    alike = np.arange(6_000) % 300
    hashed = filled(np.eye(300, dtype=np.float32)[alike], HashSpec(1, 0, cells=77))
    cell = np.empty(len(alike), np.int64)
    cell[hashed.tables.rows] = np.repeat(np.arange(hashed.buckets), np.diff(hashed.tables.starts[0]))
    assert all(len(np.unique(cell[alike == row])) == 1 for row in range(300))


def test_shape_and_buckets() -> None:
    for tables, bits in ((1, 1), (3, 5), (2, 12)):
        hashed = filled(some_vectors(30, 4), HashSpec(tables, bits))
        assert (hashed.functions.tables, hashed.functions.bits) == (tables, bits)
        assert hashed.buckets == tables * 2**bits


def test_filling_ends_where_it_is_told_to() -> None:
    calls = 0

    class EnoughError(Exception):
        pass

    def go_on() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise EnoughError

    vectors = some_vectors(60_000, 3)
    with pytest.raises(EnoughError):
        fill(blocks_of(vectors, 30_000), HashSpec(1, 4), go_on)
    assert calls == 3


def test_rows_at_takes_rows_of_any_block_in_any_order() -> None:
    vectors = some_vectors(50, 3)
    rows = np.random.default_rng(5).integers(0, 50, 200)
    for cuts in ((), (0,), (20,), (20, 20, 49), (50,)):
        np.testing.assert_array_equal(rows_at(blocks_of(vectors, *cuts), rows), vectors[rows])
    assert rows_at(blocks_of(vectors), rows[:0]).shape == (0, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("tables", value) for value in (0, -1, 65, 2.0, "2", None)),
        *(("bits", value) for value in (0, -1, 21, 2.0, "2", None)),
        *(("seed", value) for value in (-1, 0.5, "x", None)),
        *(("planes", value) for value in ("", "Principal", None)),
        *(("cells", value) for value in (-1, 4097, 2.0, "2", None, True)),
    ],
)
def test_what_is_no_spec(field: str, value: Any) -> None:
    with pytest.raises(UsageError, match=field):
        HashSpec(**{"tables": 2, "bits": 3, field: value})


def test_too_many_cells_are_refused_with_the_range_that_a_caller_may_choose() -> None:
    with pytest.raises(UsageError, match="cells must be a whole number from 1 to 4096, not 4097"):
        HashSpec(1, 0, cells=4097)
