"""The shim gives what lshashpy3 gives where that is right, and what the definitions say everywhere."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.compat import LSHash
from lookalike.errors import DamagedError
from lshash_cases import FORMULAS, FUNCTIONS, Floats, count_found, draw_points


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
        points = draw_points(200, 8)
        for row, point in enumerate(points):
            assert lsh.index(point, f"{row}") == original.index(point, f"{row}")
        for query in draw_points(20, 8, seed=1):
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
        for point in draw_points(200, 8):
            assert lsh.index(point) == original.index(point)
        for query in draw_points(20, 8, seed=1):
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


class TestAnswers:
    @pytest.fixture
    def filled(self) -> tuple[LSHash, Floats]:
        points = np.abs(draw_points(300, 6)) * 50
        lsh = LSHash(3, 6, 2, seed=4)
        lsh.index_batch(points, np.arange(300))
        return lsh, points

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_they_are_what_the_definitions_say(self, filled: tuple[LSHash, Floats], function: str) -> None:
        lsh, points = filled
        for query in (points[17], np.abs(draw_points(1, 6, seed=9)[0])):
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
        points, queries = draw_points(300, 8), draw_points(30, 8, seed=1)
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
        lsh.index_batch(draw_points(50, 8), [{"row": row, "name": f"bild {row} ü"} for row in range(50)])
        lsh.save()
        loaded = LSHash(**arguments)
        for query in draw_points(5, 8, seed=1):
            assert loaded.query(query) == lsh.query(query) != []
        loaded.index(draw_points(1, 8, seed=2)[0], "new")
        loaded.save()
        assert ((tuple(draw_points(1, 8, seed=2)[0]), "new"), 0) in LSHash(**arguments).query(
            draw_points(1, 8, seed=2)[0]
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
        lsh.index_batch(draw_points(3, 2), np.arange(3))
        lsh.save()
        assert count_found(LSHash(4, 2, hashtable_filename=tmp_path / "points"), draw_points(3, 2)) == 3

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
