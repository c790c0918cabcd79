"""An index over vectors that stay where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import LSHIndex
from oracle import Oracle

DIM = 6
ROWS = 20_000  # more than are checked at once
SHAPE: dict[str, Any] = {"tables": 1, "bits": 8}


def unit_rows(count: int = ROWS) -> NDArray[np.float32]:
    vectors = np.random.default_rng(0).standard_normal((count, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


@pytest.fixture
def mapped(tmp_path: Path) -> NDArray[np.float32]:
    """Vectors in a file that cannot be written to."""
    unit_rows().tofile(tmp_path / "vectors")
    (tmp_path / "vectors").chmod(0o400)
    return np.memmap(tmp_path / "vectors", np.float32, "r", shape=(ROWS, DIM))


def held(index: LSHIndex) -> NDArray[np.float32]:
    """The vectors that an index looks at."""
    return index._state.rows.main.vectors


def test_a_mapped_file_is_searched_without_a_copy(mapped: NDArray[np.float32], tmp_path: Path) -> None:
    before = (tmp_path / "vectors").read_bytes()
    index, oracle = LSHIndex.build(range(5, ROWS + 5), mapped, **SHAPE), Oracle("cosine")
    oracle.add(range(5, ROWS + 5), mapped)
    assert np.shares_memory(held(index), mapped)
    assert held(index).shape == mapped.shape
    assert (len(index), index.dim, index.hashed, index.unsettled) == (ROWS, DIM, True, 0)
    queries = np.random.default_rng(1).standard_normal((3, DIM))
    for later in (90_000, 90_001):
        expected, far = oracle.search(queries, 7)
        for way in ({"exact": True}, {"probes": 1 << 20}):
            found = index.search(queries, 7, **way)
            np.testing.assert_array_equal(found.ids, expected)
            np.testing.assert_allclose(found.distances, far, rtol=2e-6, atol=3e-7)
        for either in (index, oracle):
            either.remove(expected[0, :3].tolist())
            either.add([later], queries[1:2])
    assert (tmp_path / "vectors").read_bytes() == before


def test_settling_what_has_not_changed_copies_nothing(mapped: NDArray[np.float32]) -> None:
    index = LSHIndex.build(np.arange(ROWS), mapped, **SHAPE)
    index.settle()
    assert np.shares_memory(held(index), mapped)
    index.add([90_000], np.ones((1, DIM)))
    assert np.shares_memory(held(index), mapped)  # what is new lies elsewhere


def test_it_is_the_index_that_adding_makes(mapped: NDArray[np.float32], tmp_path: Path) -> None:
    for metric in ("euclidean", "hamming"):
        built = LSHIndex.build(np.arange(ROWS), mapped, metric=metric, seed=3, planes="gaussian", **SHAPE)
        added = LSHIndex(DIM, metric=metric, seed=3, planes="gaussian", **SHAPE)
        added.add(np.arange(ROWS), mapped)
        built.save(tmp_path / "built")
        added.save(tmp_path / "added")
        assert (tmp_path / "built").read_bytes() == (tmp_path / "added").read_bytes()


def test_few_rows_and_none() -> None:
    for count in (0, 1, 500):
        vectors = unit_rows(count)
        index = LSHIndex.build(range(count), vectors)
        assert (len(index), index.hashed) == (count, False)
        assert index.search(np.ones(DIM), 1).ids[0, 0] == (
            -1 if count == 0 else np.argmax(vectors.sum(axis=1))
        )


def test_only_the_cosine_asks_for_unit_rows() -> None:
    vectors = unit_rows()
    for row in (0, ROWS // 2, ROWS - 1):
        long = vectors.copy()
        long[row] *= 1.001
        with pytest.raises(UsageError, match="vectors must have length 1"):
            LSHIndex.build(range(ROWS), long, **SHAPE)
        assert len(LSHIndex.build(range(ROWS), long, metric="euclidean", **SHAPE)) == ROWS
    rounded = vectors.astype(np.float16).astype(np.float32)
    rounded /= np.linalg.norm(rounded, axis=1, keepdims=True)
    assert len(LSHIndex.build(range(ROWS), rounded, **SHAPE)) == ROWS


def _with_nan() -> NDArray[np.float32]:
    vectors = unit_rows(3)
    vectors[2, 1] = np.nan
    return vectors


BAD: dict[str, tuple[Any, Any]] = {
    "falling ids": ([1, 3, 2], unit_rows(3)),
    "an id twice": ([1, 2, 2], unit_rows(3)),
    "a negative id": ([-1, 2, 3], unit_rows(3)),
    "float ids": ([1.0, 2.0, 3.0], unit_rows(3)),
    "too few ids": ([1, 2], unit_rows(3)),
    "too many ids": ([1, 2, 3, 4], unit_rows(3)),
    "float64": ([1, 2, 3], unit_rows(3).astype(np.float64)),
    "big-endian halves": ([1, 2, 3], unit_rows(3).astype(">f2")),
    "big-endian": ([1, 2, 3], unit_rows(3).astype(">f4")),
    "one vector": ([1], unit_rows(1)[0]),
    "a cube": ([1], unit_rows(1)[None]),
    "vectors of no length": ([1], np.empty((1, 0), np.float32)),
    "NaN": ([1, 2, 3], _with_nan()),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_what_is_not_as_said_is_refused(case: str, metric: str) -> None:
    ids, vectors = BAD[case]
    with pytest.raises(UsageError):
        LSHIndex.build(ids, vectors, metric=metric)


@pytest.mark.parametrize("setting", [{"tables": 0}, {"bits": 21}, {"metric": "cosin"}, {"seed": -1}], ids=str)
def test_bad_settings_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(setting))):
        LSHIndex.build(range(3), unit_rows(3), **setting)
