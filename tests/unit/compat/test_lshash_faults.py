"""What the shim does right where lshashpy3 0.0.9 does not.

Where the same call has another answer there, so that a program which comes from it will see a difference, the
answer of the real package is shown first.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.compat import LSHash
from lookalike.errors import UsageError
from lshash_cases import count_found, draw_points, write_matrices


class TestFaultOfIndexBatch:
    def test_ours_finds_every_point(self) -> None:
        lsh, points = LSHash(10, 16, 2), draw_points(500, 16)
        keys = lsh.index_batch(points, range(500))
        for row, point in enumerate(points):
            assert ((tuple(point.tolist()), row), 0.0) in lsh.query(point)
        one_by_one = LSHash(10, 16, 2)
        assert keys == [one_by_one.index(point) for point in points]


class TestFaultOfPlanesAfterReload:
    def test_theirs_are_permuted_with_more_than_10_tables(self, theirs: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "planes.npz")
        before = theirs(3, 4, 12, matrices_filename=path).uniform_planes
        after = theirs(3, 4, 12, matrices_filename=path).uniform_planes
        order = [next(j for j in range(12) if (after[i] == before[j]).all()) for i in range(12)]
        assert order == [0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]

    def test_ours_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "planes.npz"
        before = LSHash(3, 4, 12, matrices_filename=path, seed=3).uniform_planes
        assert (LSHash(3, 4, 12, matrices_filename=path).uniform_planes == before).all()

    def test_ours_reads_their_file_in_the_order_of_drawing(self, theirs: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "planes.npz")
        drawn = np.array(theirs(3, 4, 12, matrices_filename=path).uniform_planes)
        assert (LSHash(3, 4, 12, matrices_filename=path).uniform_planes == drawn).all()


class TestFaultOfPlanesForOtherSizes:
    @pytest.mark.parametrize("sizes", [(3, 16, 2), (16, 16, 3), (16, 16, 1), (16, 8, 2)])
    def test_ours_refuses_them(self, tmp_path: Path, sizes: tuple[int, int, int]) -> None:
        path = write_matrices(tmp_path / "planes.npz", np.eye(16), np.eye(16))
        with pytest.raises(UsageError, match="was not made for"):
            LSHash(*sizes, matrices_filename=path)
        assert LSHash(16, 16, 2, matrices_filename=path).index([1] * 16) == ["1" * 16] * 2


class TestFaultsOfDistances:
    def test_euclidean_is_the_square_in_theirs(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([3, 4])
        assert lsh.query([6, 8], distance_func="euclidean") == [(((3, 4), None), 25)]
        assert lsh.query([6, 8]) == [(((3, 4), None), 25)]

    def test_euclidean_is_the_distance_in_ours(self) -> None:
        lsh = LSHash(1, 2)
        lsh.index([3, 4])
        assert lsh.query([6, 8], distance_func="euclidean") == [(((3, 4), None), 5)]
        assert lsh.query([6, 8]) == [(((3, 4), None), 5)]

    @pytest.fixture
    def all_in_one_bucket(self, tmp_path: Path) -> dict[str, Any]:
        """Arguments for tables in which every point of positive numbers has the same key."""
        path = write_matrices(tmp_path / "planes.npz", np.ones((1, 3)))
        return {"hash_size": 1, "input_dim": 3, "matrices_filename": path}

    def test_centred_euclidean_sees_only_means_in_theirs(
        self, theirs: Any, all_in_one_bucket: dict[str, Any]
    ) -> None:
        lsh = theirs(**all_in_one_bucket)
        lsh.index([3, 2, 1])
        assert lsh.query([1, 2, 3], distance_func="centred_euclidean") == [(((3, 2, 1), None), 0)]

    def test_centred_euclidean_ignores_only_means_in_ours(self, all_in_one_bucket: dict[str, Any]) -> None:
        lsh = LSHash(**all_in_one_bucket)
        lsh.index_batch([[3, 2, 1], [11, 12, 13]])
        assert lsh.query([1, 2, 3], distance_func="centred_euclidean") == [
            (((11, 12, 13), None), 0),
            (((3, 2, 1), None), pytest.approx(math.sqrt(8))),
        ]

    def test_hamming_is_squared_euclidean_in_theirs(
        self, theirs: Any, all_in_one_bucket: dict[str, Any]
    ) -> None:
        lsh = theirs(**all_in_one_bucket)
        lsh.index([1, 2, 3])
        assert lsh.query([1, 2, 6], distance_func="hamming") == [(((1, 2, 3), None), 9)]

    def test_hamming_counts_bits_in_ours(self, tmp_path: Path) -> None:
        path = write_matrices(tmp_path / "planes.npz", np.eye(4), -np.eye(4))
        lsh = LSHash(4, 4, 2, matrices_filename=path)
        lsh.index_batch([[1, 1, 1, -1], [1, 1, 1, 1], [1, 1, -1, -1], [9, 9, 9, 9]])
        assert lsh.query([1, 1, 1, 1], distance_func="hamming") == [
            (((1, 1, 1, 1), None), 0),
            (((9, 9, 9, 9), None), 0),
            (((1, 1, 1, -1), None), 2),
        ]

    def test_cosine_of_pixels_is_right_in_ours(self) -> None:
        lsh, pixels = LSHash(1, 2), np.array([200, 200], np.uint8)
        lsh.index(pixels)
        assert lsh.query(pixels, distance_func="cosine") == [(((200, 200), None), 0)]

    def test_cosine_of_zeros_is_1_in_ours(self) -> None:
        lsh = LSHash(1, 2)
        lsh.index([0, 0])
        assert lsh.query([0, 0], distance_func="cosine") == [(((0, 0), None), 1)]


class TestFaultsOfExtraData:
    @pytest.mark.parametrize("extra", [{"path": "a.jpg"}, ["a", 1], {}, [], 0, "", False, 0.0, None])
    def test_ours_gives_them_back(self, extra: Any) -> None:
        lsh = LSHash(1, 2)
        lsh.index([1, 2], extra)
        [((_, given_back), _)] = lsh.query([1, 2])
        assert given_back is extra

    def test_ours_answers_each_entry_once(self) -> None:
        lsh = LSHash(1, 2, num_hashtables=4)
        lsh.index([1, 2], 1)
        lsh.index([1, 2], True)
        lsh.index([1, 2], True)
        assert [extra for (_, extra), _ in lsh.query([1, 2])] == [1, True, True]


class TestFaultsOfSavedTables:
    def test_theirs_runs_code_from_the_file(self, theirs: Any, tmp_path: Path) -> None:
        path, proof = _pickled(tmp_path)
        theirs(1, 2, hashtable_filename=path)
        assert proof.exists()

    def test_ours_refuses_pickles(self, tmp_path: Path) -> None:
        path, proof = _pickled(tmp_path)
        with pytest.raises(UsageError, match=r"tables\.npz looks like one of lshashpy3, a pickle"):
            LSHash(1, 2, hashtable_filename=path)
        assert not proof.exists()

    def test_ours_refuses_what_theirs_saved_and_leaves_all_as_it_was(
        self, theirs: Any, tmp_path: Path
    ) -> None:
        names: dict[str, Any] = {
            "matrices_filename": str(tmp_path / "planes.npz"),
            "hashtable_filename": str(tmp_path / "tables.npz"),
        }
        original = theirs(4, 2, **names)
        original.index([1, 2])
        original.save()
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        with pytest.raises(UsageError, match="pickle"):
            LSHash(4, 2, overwrite=True, **names)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before

    @pytest.mark.parametrize("keep_planes", [True, False])
    def test_ours_finds_everything_under_new_planes(self, tmp_path: Path, keep_planes: bool) -> None:
        assert _found_after_reload(LSHash, tmp_path, keep_planes, seed=1) == 100

    def test_ours_says_that_there_is_no_file(self) -> None:
        lsh = LSHash(1, 2)
        lsh.index([1, 2])
        with pytest.raises(UsageError, match="give LSHash a hashtable_filename"):
            lsh.save()


class _Code:
    """Unpickling this makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.folder),)


def _pickled(folder: Path) -> tuple[str, Path]:
    """A tables' file that runs code when it is unpickled, and what that code makes."""
    path, proof = folder / "tables.npz", folder / "proof"
    np.savez_compressed(path, data=np.array([_Code(proof)], dtype=object))
    return str(path), proof


def _found_after_reload(cls: Any, folder: Path, keep_planes: bool, **reload: Any) -> int:
    """How many of 100 points are found when their tables are loaded, but other hyperplanes are drawn."""
    names = {"hashtable_filename": str(folder / "tables.npz")}
    if keep_planes:  # as lshashpy3's README does it: with overwrite=True
        names["matrices_filename"] = str(folder / "planes.npz")
    points, lsh = draw_points(100, 8), cls(16, 8, 3, overwrite=True, **names)
    for point in points:
        lsh.index(point)
    assert count_found(lsh, points) == 100
    lsh.save()
    return count_found(cls(16, 8, 3, overwrite=True, **names, **reload), points)


class TestFaultOfOrder:
    # All in one bucket; the even ones are nearer to the query than the odd ones.
    ROWS = range(200)
    EXPECTED = (*range(0, 200, 2), *range(1, 200, 2))

    def test_ours_is_that_of_indexing(self) -> None:
        assert self._answered(LSHash(1, 2)) == self.EXPECTED

    def _answered(self, lsh: Any) -> tuple[int, ...]:
        for row in self.ROWS:
            lsh.index([3, 4] if row % 2 else [6, 8], f"{row}")
        return tuple(int(extra) for (_, extra), _ in lsh.query([6, 8]))


class TestFaultOfChance:
    def test_ours_follow_the_seed(self) -> None:
        first, again, other = (LSHash(8, 8, 2, seed=seed).uniform_planes for seed in (5, 5, 6))
        assert (first == again).all()
        assert (first != other).all()


class TestFaultsOfInput:
    @pytest.mark.parametrize("count", [0, -1, 1.5, True, "3"])
    def test_ours_takes_1_or_more_results(self, count: Any) -> None:
        with pytest.raises(UsageError, match="num_results must be a whole number, 1 or more"):
            LSHash(1, 2).query([1, 2], num_results=count)

    @pytest.mark.parametrize("point", [[math.nan, 0], [math.inf, 0], [1], [1, 2, 3], [], "ab", [None, 1], 3])
    def test_ours_takes_only_points(self, point: Any) -> None:
        lsh = LSHash(1, 2)
        methods: list[Callable[[Any], Any]] = [lsh.index, lsh.query, lsh.index_batch]
        for method in methods:
            with pytest.raises(UsageError, match="vectors must"):
                method(point)

    def test_one_point_is_not_many(self) -> None:
        lsh = LSHash(1, 2)
        for method in (lsh.index, lsh.query):
            with pytest.raises(UsageError, match="one point was expected, not 2"):
                method([[1, 2], [3, 4]])

    def test_a_batch_that_is_refused_adds_nothing(self) -> None:
        lsh = LSHash(1, 2)
        lsh.index([1, 2])
        with pytest.raises(UsageError, match="row 1 is not"):
            lsh.index_batch([[1.0, 2.0], [math.nan, 2.0]])
        with pytest.raises(UsageError, match="2 points came with 3"):
            lsh.index_batch([[1, 2], [1, 2]], "abc")
        assert lsh.query([1, 2]) == [(((1, 2), None), 0)]

    @pytest.mark.parametrize("name", ["jaccard", "Cosine", "euclidian"])
    def test_an_unknown_distance_is_refused(self, name: str) -> None:
        with pytest.raises(
            UsageError, match=f"unknown distance_func '{name}'; use one of hamming, euclidean"
        ):
            LSHash(1, 2).query([1, 2], distance_func=name)

    @pytest.mark.parametrize(
        "sizes", [(0, 2, 1), (2, 0, 1), (2, 2, 0), (1.5, 2, 1), (2, "2", 1), (2, 2, True)]
    )
    def test_sizes_are_whole_numbers(self, sizes: Any) -> None:
        with pytest.raises(UsageError, match="must be a whole number, 1 or more"):
            LSHash(*sizes)

    def test_the_seed_is_a_whole_number(self) -> None:
        with pytest.raises(UsageError, match="seed must be a whole number, 0 or more, not -1"):
            LSHash(2, 2, seed=-1)

    @pytest.mark.parametrize(
        "config", [{"redis": {"host": "localhost"}}, {}, {"dict": None, "redis": {}}, "dict"]
    )
    def test_there_is_only_memory(self, config: Any) -> None:
        with pytest.raises(UsageError, match="points are kept in memory"):
            LSHash(2, 2, storage_config=config)
        assert LSHash(2, 2, storage_config={"dict": None}).query([1, 2]) == []

    def test_a_matrices_file_has_its_ending(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r'must end with ".npz", not \'planes\.npy\''):
            LSHash(2, 2, matrices_filename=tmp_path / "planes.npy")
