from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.compat import entries
from lookalike.errors import DamagedError, UsageError
from lookalike.index import files

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("entries")


@given(st.lists(st.tuples(st.tuples(*[st.floats(-1e15, 1e15)] * 3), JSON), max_size=5))
def test_entries_come_back(folder: Path, pairs: list[tuple[tuple[float, ...], Any]]) -> None:
    points = np.reshape([point for point, _ in pairs], (-1, 3)).astype(np.float64)
    entries.write(folder / "points", points, [extra for _, extra in pairs])
    read, extra_data = entries.read(folder / "points", 3)
    assert [(tuple(point), extra) for point, extra in zip(read.tolist(), extra_data, strict=True)] == pairs


@pytest.mark.parametrize(
    "extra",
    [
        ("a", 1),
        {1: "a"},
        {"a", "b"},
        b"bytes",
        object(),
        np.arange(3),
        np.int64(3),
        {"deep": [1, {"in": (2,)}]},
        [math.nan],
        ("x" * 1000,),
    ],
    ids=lambda extra: type(extra).__name__,
)
def test_what_json_would_change_is_refused(tmp_path: Path, extra: Any) -> None:
    path = tmp_path / "points"
    entries.write(path, np.ones((1, 2)), ["older"])
    with pytest.raises(
        UsageError, match=r"extra_data of point 1, .{1,80}, cannot be saved: JSON must give it back"
    ):
        entries.write(path, np.ones((2, 2)), [None, extra])
    assert entries.read(path, 2)[1] == ["older"]


def test_data_that_holds_itself_is_refused(tmp_path: Path) -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for extra in (endless, deep):
        with pytest.raises(UsageError, match="extra_data of point 0"):
            entries.write(tmp_path / "points", np.ones((1, 2)), [extra])


def test_points_of_another_length_are_refused(tmp_path: Path) -> None:
    entries.write(tmp_path / "points", np.ones((1, 3)), [None])
    with pytest.raises(UsageError, match="holds points of length 3, not 2"):
        entries.read(tmp_path / "points", 2)


@pytest.mark.parametrize(
    ("about", "points"),
    [
        ({"extra_data": [None]}, np.ones((2, 2))),
        ({"extra_data": {"a": 1, "b": 2}}, np.ones((2, 2))),
        ({"extra_data": 2}, np.ones((2, 2))),
        ({}, np.ones((2, 2))),
        ({"extra_data": [None, None]}, np.ones(2)),
        ({"extra_data": [None]}, np.array([[1, math.nan]])),
    ],
)
def test_a_file_that_contradicts_itself_is_damaged(tmp_path: Path, about: Any, points: Any) -> None:
    files.write(tmp_path / "points", "lshash", about, {"points": points})
    with pytest.raises(DamagedError, match="points cannot be used"):
        entries.read(tmp_path / "points", 2)


def test_a_file_of_another_index_and_a_folder_are_refused(tmp_path: Path) -> None:
    files.write(tmp_path / "points", "exact", {"extra_data": [None]}, {"points": np.ones((1, 2))})
    for path, reason in ((tmp_path / "points", "it is 'exact'"), (tmp_path, "is a folder, not an index")):
        with pytest.raises(DamagedError, match=reason):
            entries.read(path, 2)


def test_damage_anywhere_is_noticed_or_harmless(tmp_path: Path) -> None:
    points = np.arange(20.0).reshape(10, 2)
    extra_data = [{"row": row} for row in range(10)]
    path = tmp_path / "points"
    entries.write(path, points, extra_data)
    whole, chance = path.read_bytes(), random.Random(0)
    noticed = 0
    for _ in range(400):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed[: chance.choice([len(whole), chance.randrange(len(whole))])])
        try:
            read, extra_read = entries.read(path, 2)
        except (DamagedError, UsageError):
            noticed += 1
        else:
            assert (read == points).all()
            assert extra_read == extra_data
    assert noticed > 300
