"""Each fault of lshashpy3 0.0.9 is shown on the real package first; then that the shim does it right."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.compat import LSHash
from lookalike.errors import DamagedError, UsageError

Floats = npt.NDArray[np.float64]

FUNCTIONS = ("hamming", "euclidean", "true_euclidean", "centred_euclidean", "cosine", "l1norm")
FORMULAS: dict[str, Callable[[Floats, Floats], float]] = {
    "euclidean": math.dist,
    "true_euclidean": math.dist,
    "centred_euclidean": lambda a, b: math.dist(a - a.mean(), b - b.mean()),
    "cosine": lambda a, b: (
        1 - sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)
    ),
    "l1norm": lambda a, b: sum(abs(x - y) for x, y in zip(a, b, strict=True)),
}


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    """The real class. Its package asks for pkg_resources, which it does not use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pkg_resources", ModuleType("pkg_resources"))
        yield importlib.import_module("lshashpy3").LSHash


def _points(count: int, dim: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((count, dim))


def _found(lsh: Any, points: Floats) -> int:
    """How many points are answered when they are asked for."""
    return sum(tuple(p.tolist()) in [point for (point, _), _ in lsh.query(p)] for p in points)


def _matrices(path: Path, *tables: npt.ArrayLike) -> str:
    """A matrices file with chosen hyperplanes, as lshashpy3 writes it."""
    np.savez_compressed(path, *[np.asarray(normals, np.float64) for normals in tables])
    return str(path)


class TestTheSame:
    def test_the_constructor_takes_the_same_arguments_in_the_same_order(self, theirs: Any) -> None:
        def described(cls: Any) -> list[tuple[str, Any]]:
            parameters = inspect.signature(cls).parameters.values()
            return [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

        assert described(LSHash) == described(theirs)

    @pytest.mark.parametrize("name", ["index", "query", "save"])
    def test_methods_take_the_same_arguments(self, theirs: Any, name: str) -> None:
        ours, original = inspect.signature(getattr(LSHash, name)), inspect.signature(getattr(theirs, name))
        assert [(p.name, p.default) for p in ours.parameters.values()] == [
            (p.name, p.default) for p in original.parameters.values()
        ]

    def test_the_same_hyperplanes_give_the_same_keys_and_answers(self, theirs: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "planes.npz")
        lsh = LSHash(3, 8, 5, matrices_filename=path)
        original = theirs(3, 8, 5, matrices_filename=path)
        points = _points(200, 8)
        for row, point in enumerate(points):
            assert lsh.index(point, f"{row}") == original.index(point, f"{row}")
        for query in _points(20, 8, seed=1):
            for function in ("true_euclidean", "cosine", "l1norm"):
                ours = lsh.query(query, 50, function)
                expected = original.query(query, 50, function)
                assert len(expected) == 50
                assert [entry for entry, _ in ours] == [entry for entry, _ in expected]
                assert [d for _, d in ours] == pytest.approx([d for _, d in expected], abs=1e-12)

    def test_hamming_visits_the_same_buckets(self, theirs: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "planes.npz")
        lsh = LSHash(6, 8, 2, matrices_filename=path)
        original = theirs(6, 8, 2, matrices_filename=path)
        for point in _points(200, 8):
            assert lsh.index(point) == original.index(point)
        for query in _points(20, 8, seed=1):
            near, exact = (lsh.query(query, distance_func=f) for f in ("hamming", "euclidean"))
            assert {e for e, _ in near} == {e for e, _ in original.query(query, distance_func="hamming")}
            assert len(near) > len(exact)

    def test_a_point_on_a_hyperplane_has_a_0(self, theirs: Any) -> None:
        assert LSHash(3, 2, 2).index([0, 0]) == theirs(3, 2, 2).index([0, 0]) == ["000", "000"]

    def test_an_answer_has_the_same_parts(self, theirs: Any) -> None:
        for cls in (LSHash, theirs):
            lsh = cls(6, 8)
            lsh.index([2, 3, 4, 5, 6, 7, 8, 9], extra_data="vec1")
            answers = lsh.query([2, 3, 4, 5, 6, 7, 8, 9], num_results=1)
            assert answers == [(((2, 3, 4, 5, 6, 7, 8, 9), "vec1"), 0)]
            assert [type(part) for part in (answers, answers[0], answers[0][0], answers[0][0][0])] == [
                list,
                tuple,
                tuple,
                tuple,
            ]

    def test_lshashpy3_reads_our_matrices_file_in_our_order(self, theirs: Any, tmp_path: Path) -> None:
        path = str(tmp_path / "planes.npz")
        lsh = LSHash(3, 4, 12, matrices_filename=path)
        assert (np.array(theirs(3, 4, 12, matrices_filename=path).uniform_planes) == lsh.uniform_planes).all()


class TestFaultOfImporting:
    def test_theirs_needs_a_module_that_it_does_not_ask_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not [r for r in importlib.metadata.requires("lshashpy3") or [] if "setuptools" in r]
        monkeypatch.delitem(sys.modules, "lshashpy3", raising=False)
        monkeypatch.setitem(sys.modules, "pkg_resources", None)
        with pytest.raises(ImportError, match="pkg_resources"):
            importlib.import_module("lshashpy3")


class TestFaultOfIndexBatch:
    def test_theirs_has_none(self, theirs: Any) -> None:
        assert importlib.metadata.version("lshashpy3") == "0.0.9"
        assert not hasattr(theirs, "index_batch")

    def test_ours_finds_every_point(self) -> None:
        lsh, points = LSHash(10, 16, 2), _points(500, 16)
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
    def test_theirs_uses_them(self, theirs: Any, tmp_path: Path) -> None:
        path = _matrices(tmp_path / "planes.npz", np.eye(16), np.eye(16))
        assert [len(key) for key in theirs(3, 16, 2, matrices_filename=path).index([1] * 16)] == [16, 16]
        with pytest.raises(IndexError):
            theirs(16, 16, 3, matrices_filename=path).index([1] * 16)

    @pytest.mark.parametrize("sizes", [(3, 16, 2), (16, 16, 3), (16, 16, 1), (16, 8, 2)])
    def test_ours_refuses_them(self, tmp_path: Path, sizes: tuple[int, int, int]) -> None:
        path = _matrices(tmp_path / "planes.npz", np.eye(16), np.eye(16))
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
        path = _matrices(tmp_path / "planes.npz", np.ones((1, 3)))
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
        path = _matrices(tmp_path / "planes.npz", np.eye(4), -np.eye(4))
        lsh = LSHash(4, 4, 2, matrices_filename=path)
        lsh.index_batch([[1, 1, 1, -1], [1, 1, 1, 1], [1, 1, -1, -1], [9, 9, 9, 9]])
        assert lsh.query([1, 1, 1, 1], distance_func="hamming") == [
            (((1, 1, 1, 1), None), 0),
            (((9, 9, 9, 9), None), 0),
            (((1, 1, 1, -1), None), 2),
        ]

    def test_cosine_of_pixels_overflows_in_theirs(self, theirs: Any) -> None:
        lsh, pixels = theirs(1, 2), np.array([200, 200], np.uint8)
        lsh.index(pixels)
        assert lsh.query(pixels, distance_func="cosine")[0][1] == pytest.approx(-24)

    def test_cosine_of_pixels_is_right_in_ours(self) -> None:
        lsh, pixels = LSHash(1, 2), np.array([200, 200], np.uint8)
        lsh.index(pixels)
        assert lsh.query(pixels, distance_func="cosine") == [(((200, 200), None), 0)]

    def test_cosine_of_zeros_is_not_a_number_in_theirs(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([0, 0])
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert math.isnan(lsh.query([0, 0], distance_func="cosine")[0][1])

    def test_cosine_of_zeros_is_1_in_ours(self) -> None:
        lsh = LSHash(1, 2)
        lsh.index([0, 0])
        assert lsh.query([0, 0], distance_func="cosine") == [(((0, 0), None), 1)]


class TestFaultsOfExtraData:
    @pytest.mark.parametrize("extra", [{"path": "a.jpg"}, ["a", 1]])
    def test_containers_crash_queries_in_theirs(self, theirs: Any, extra: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([1, 2], "fine")
        lsh.index([1, 2], extra)
        with pytest.raises(TypeError, match="unhashable"):
            lsh.query([1, 2])

    @pytest.mark.parametrize("extra", [0, "", False, 0.0])
    def test_what_counts_as_false_is_lost_in_theirs(self, theirs: Any, extra: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([1, 2], extra)
        assert lsh.query([1, 2]) == [(((1, 2), None), 0)]

    @pytest.mark.parametrize("extra", [{"path": "a.jpg"}, ["a", 1], {}, [], 0, "", False, 0.0, None])
    def test_ours_gives_them_back(self, extra: Any) -> None:
        lsh = LSHash(1, 2)
        lsh.index([1, 2], extra)
        [((_, given_back), _)] = lsh.query([1, 2])
        assert given_back is extra

    def test_one_of_two_entries_is_lost_in_theirs(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([1, 2], 1)
        lsh.index([1, 2], True)
        assert len(lsh.query([1, 2])) == 1

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
    def test_theirs_finds_nothing_under_new_planes(
        self, theirs: Any, tmp_path: Path, keep_planes: bool
    ) -> None:
        assert _found_after_reload(theirs, tmp_path, keep_planes) < 5

    @pytest.mark.parametrize("keep_planes", [True, False])
    def test_ours_finds_everything_under_new_planes(self, tmp_path: Path, keep_planes: bool) -> None:
        assert _found_after_reload(LSHash, tmp_path, keep_planes, seed=1) == 100

    def test_theirs_saves_nowhere_in_silence(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([1, 2])
        lsh.save()

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
    points, lsh = _points(100, 8), cls(16, 8, 3, overwrite=True, **names)
    for point in points:
        lsh.index(point)
    assert _found(lsh, points) == 100
    lsh.save()
    return _found(cls(16, 8, 3, overwrite=True, **names, **reload), points)


class TestFaultOfOrder:
    # All in one bucket; the even ones are nearer to the query than the odd ones.
    ROWS = range(200)
    EXPECTED = (*range(0, 200, 2), *range(1, 200, 2))

    def test_theirs_is_that_of_a_set(self, theirs: Any) -> None:
        assert self._answered(theirs(1, 2)) != self.EXPECTED

    def test_ours_is_that_of_indexing(self) -> None:
        assert self._answered(LSHash(1, 2)) == self.EXPECTED

    def _answered(self, lsh: Any) -> tuple[int, ...]:
        for row in self.ROWS:
            lsh.index([3, 4] if row % 2 else [6, 8], f"{row}")
        return tuple(int(extra) for (_, extra), _ in lsh.query([6, 8]))


class TestFaultOfChance:
    def test_theirs_differ_each_time(self, theirs: Any) -> None:
        first, second = (np.array(theirs(8, 8, 2).uniform_planes) for _ in range(2))
        assert (first != second).any()

    def test_ours_follow_the_seed(self) -> None:
        first, again, other = (LSHash(8, 8, 2, seed=seed).uniform_planes for seed in (5, 5, 6))
        assert (first == again).all()
        assert (first != other).all()


class TestFaultsOfInput:
    def test_theirs_takes_what_is_not_a_number(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([math.nan, 0])
        assert math.isnan(lsh.query([math.nan, 0])[0][1])

    def test_theirs_takes_any_number_of_results(self, theirs: Any) -> None:
        lsh = theirs(1, 2)
        lsh.index([1, 2], "a")
        lsh.index([1, 2], "b")
        assert len(lsh.query([1, 2], num_results=-1)) == 1
        assert len(lsh.query([1, 2], num_results=0)) == 2

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


class TestAnswers:
    @pytest.fixture
    def filled(self) -> tuple[LSHash, Floats]:
        points = np.abs(_points(300, 6)) * 50
        lsh = LSHash(3, 6, 2, seed=4)
        lsh.index_batch(points, np.arange(300))
        return lsh, points

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_they_are_what_the_definitions_say(self, filled: tuple[LSHash, Floats], function: str) -> None:
        lsh, points = filled
        for query in (points[17], np.abs(_points(1, 6, seed=9)[0])):
            keys = [_keys(lsh.uniform_planes, point) for point in points]
            own = _keys(lsh.uniform_planes, query)
            reach = 1 if function == "hamming" else 0
            expected = []
            for row, point in enumerate(points):
                if min(_differing(a, b) for a, b in zip(keys[row], own, strict=True)) <= reach:
                    distance = (
                        _differing("".join(keys[row]), "".join(own))
                        if function == "hamming"
                        else FORMULAS[function](query, point)
                    )
                    expected.append((distance, row))
            answers = lsh.query(query, distance_func=function)
            assert 10 < len(expected) < 300
            assert sorted(extra for (_, extra), _ in answers) == [row for _, row in expected]
            assert [d for _, d in answers] == pytest.approx(sorted(d for d, _ in expected), abs=1e-9)
            distances = {row: distance for distance, row in expected}
            for (point, row), distance in answers:
                assert point == tuple(points[row])
                assert distance == pytest.approx(distances[row], abs=1e-9)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_fewer_results_are_the_first_ones(self, filled: tuple[LSHash, Floats], function: str) -> None:
        lsh, points = filled
        everything = lsh.query(points[3], distance_func=function)
        assert lsh.query(points[3], 7, function) == everything[:7]
        assert lsh.query(points[3], 10_000, function) == everything

    def test_more_tables_never_find_less(self) -> None:
        points, queries = _points(300, 8), _points(30, 8, seed=1)
        counts = []
        for tables in (1, 4):
            lsh = LSHash(6, 8, tables)
            lsh.index_batch(points)
            counts.append([len(lsh.query(query)) for query in queries])
        assert all(few <= many for few, many in zip(*counts, strict=True))
        assert sum(counts[0]) < sum(counts[1])

    def test_a_point_comes_back_as_it_was_given(self) -> None:
        lsh = LSHash(4, 3)
        for point in ([0.1, 1 / 3, 1e-12], [1, 2, 3], np.array([7, 8, 9], np.uint8)):
            lsh.index(point)
            assert lsh.query(point)[0] == ((tuple(point), None), 0)

    def test_what_the_caller_does_to_his_array_later_changes_nothing(self) -> None:
        lsh, points = LSHash(4, 3), np.array([[1.0, 2.0, 3.0]])
        lsh.index_batch(points)
        points[:] = 0
        assert lsh.query([1, 2, 3]) == [(((1, 2, 3), None), 0)]

    @given(
        st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3), min_size=1, max_size=8),
        st.integers(1, 70),
        st.integers(1, 3),
    )
    def test_every_point_finds_itself(self, points: list[list[float]], bits: int, tables: int) -> None:
        lsh = LSHash(bits, 3, tables)
        lsh.index_batch(points, range(len(points)))
        for row, point in enumerate(points):
            assert ((tuple(point), row), 0.0) in lsh.query(point, distance_func="l1norm")


def _keys(planes: Floats, point: Floats) -> list[str]:
    """Keys by definition, one dot product at a time."""
    return ["".join("1" if sum(n * point) > 0 else "0" for n in normals) for normals in planes]


def _differing(first: str, second: str) -> int:
    return sum(a != b for a, b in zip(first, second, strict=True))


class TestFiles:
    def test_what_was_saved_is_answered(self, tmp_path: Path) -> None:
        arguments: dict[str, Any] = {
            "hash_size": 5,
            "input_dim": 8,
            "num_hashtables": 11,
            "matrices_filename": tmp_path / "planes.npz",
            "hashtable_filename": tmp_path / "points.npz",
        }
        lsh = LSHash(**arguments, seed=8)
        lsh.index_batch(_points(50, 8), [{"row": row, "name": f"bild {row} ü"} for row in range(50)])
        lsh.save()
        loaded = LSHash(**arguments)
        for query in _points(5, 8, seed=1):
            assert loaded.query(query) == lsh.query(query) != []
        loaded.index(_points(1, 8, seed=2)[0], "new")
        loaded.save()
        assert ((tuple(_points(1, 8, seed=2)[0]), "new"), 0) in LSHash(**arguments).query(
            _points(1, 8, seed=2)[0]
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == ["planes.npz", "points.npz"]

    def test_names_may_be_text(self, tmp_path: Path) -> None:
        for _ in range(2):
            lsh = LSHash(2, 2, 1, None, str(tmp_path / "planes.npz"), str(tmp_path / "points"))
            lsh.index([1, 2])
            lsh.save()
        assert len(lsh.query([1, 2])) == 2

    def test_an_array_of_extra_data_can_be_saved(self, tmp_path: Path) -> None:
        lsh = LSHash(4, 2, hashtable_filename=tmp_path / "points")
        lsh.index_batch(_points(3, 2), np.arange(3))
        lsh.save()
        assert _found(LSHash(4, 2, hashtable_filename=tmp_path / "points"), _points(3, 2)) == 3

    def test_overwrite_draws_new_planes_and_keeps_the_points(self, tmp_path: Path) -> None:
        names: dict[str, Any] = {
            "matrices_filename": tmp_path / "planes.npz",
            "hashtable_filename": tmp_path / "points",
        }
        lsh = LSHash(4, 2, **names)
        lsh.index([1, 2], "a")
        lsh.save()
        renewed = LSHash(4, 2, overwrite=True, seed=1, **names)
        assert (renewed.uniform_planes != lsh.uniform_planes).all()
        assert (LSHash(4, 2, **names).uniform_planes == renewed.uniform_planes).all()
        assert renewed.query([1, 2]) == [(((1, 2), "a"), 0)]

    def test_a_damaged_file_is_not_overwritten_by_opening(self, tmp_path: Path) -> None:
        path = tmp_path / "points"
        lsh = LSHash(4, 2, hashtable_filename=path)
        lsh.index([1, 2])
        lsh.save()
        path.write_bytes(path.read_bytes()[:-70])
        before = path.read_bytes()
        with pytest.raises(DamagedError, match="points cannot be used"):
            LSHash(4, 2, hashtable_filename=path)
        assert path.read_bytes() == before
