"""Kept arrays: what was written comes back, and what is damaged is computed again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.labs.shared.arrays import read_arrays, write_arrays


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "kept.npz"
    write_arrays(path, {"rows": np.arange(3), "words": np.array(["a", "bc"])})
    found = read_arrays(path, ("rows", "words"))
    assert found is not None
    assert {name: values.tolist() for name, values in found.items()} == {
        "rows": [0, 1, 2],
        "words": ["a", "bc"],
    }
    assert [each.name for each in path.parent.iterdir()] == ["kept.npz"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_file_is_none(tmp_path: Path, share: float) -> None:
    path = tmp_path / "kept.npz"
    write_arrays(path, {"rows": np.random.default_rng(0).random((50, 20))})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert read_arrays(path, ("rows",)) is None
    path.write_bytes(whole[:800] + bytes([whole[800] ^ 255]) + whole[801:])
    assert read_arrays(path, ("rows",)) is None


def test_a_file_that_lacks_an_array_is_none(tmp_path: Path) -> None:
    write_arrays(tmp_path / "kept.npz", {"rows": np.zeros(2)})
    assert read_arrays(tmp_path / "kept.npz", ("rows", "labels")) is None
    assert read_arrays(tmp_path / "none.npz", ()) is None
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, np.zeros(2))
    assert read_arrays(tmp_path / "single.npz", ()) is None
