from __future__ import annotations

import io
import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lookalike.compat import planes
from lookalike.errors import DamagedError, UsageError

SHAPE = planes.Shape(tables=12, bits=5, dim=3)


def _array_file(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_they_are_unit_normals_in_all_directions() -> None:
    drawn = planes.draw(planes.Shape(tables=20, bits=100, dim=3), seed=1)
    assert drawn.shape == (20, 100, 3)
    assert drawn.dtype == np.float64
    flat = drawn.reshape(-1, 3)
    assert np.linalg.norm(flat, axis=1) == pytest.approx(1, abs=1e-6)
    # For uniformly distributed unit vectors the mean is 0 and the covariance a third of the identity.
    assert flat.mean(axis=0) == pytest.approx(0, abs=0.06)
    assert flat.T @ flat / len(flat) == pytest.approx(np.eye(3) / 3, abs=0.06)


def test_they_come_back_in_order_and_numpy_reads_them_too(tmp_path: Path) -> None:
    drawn = planes.draw(SHAPE, seed=0)
    planes.write(tmp_path / "planes.npz", drawn)
    assert (planes.read(tmp_path / "planes.npz", SHAPE) == drawn).all()
    with np.load(tmp_path / "planes.npz", allow_pickle=False) as stored:
        assert [stored[name].tolist() for name in sorted(stored.files)] == drawn.tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["planes.npz"]


def test_arrays_named_by_numpy_come_back_in_order(tmp_path: Path) -> None:
    drawn = planes.draw(SHAPE, seed=0).astype(np.float32)
    np.savez_compressed(tmp_path / "planes.npz", *drawn)
    read = planes.read(tmp_path / "planes.npz", SHAPE)
    assert read.dtype == np.float64
    assert (read == drawn).all()


def test_writing_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "planes.npz"
    planes.write(path, planes.draw(SHAPE, seed=0))
    before = path.read_bytes()
    (tmp_path / f"planes.npz.{os.getpid()}.partial").mkdir()
    with pytest.raises(OSError, match="partial"):
        planes.write(path, planes.draw(SHAPE, seed=1))
    assert path.read_bytes() == before


class TestOtherShapes:
    @pytest.mark.parametrize("shape", [(11, 5, 3), (13, 5, 3), (12, 4, 3), (12, 3, 5), (12, 5, 2)])
    def test_they_are_refused(self, tmp_path: Path, shape: tuple[int, int, int]) -> None:
        planes.write(tmp_path / "planes.npz", planes.draw(SHAPE, seed=0))
        with pytest.raises(
            UsageError, match=rf"not made for {shape[0]} tables of {shape[1]} bits .*length {shape[2]}"
        ):
            planes.read(tmp_path / "planes.npz", planes.Shape(*shape))

    def test_a_missing_number_is_refused(self, tmp_path: Path) -> None:
        one = _array_file(np.ones((5, 3)))
        path = _archive(tmp_path / "planes.npz", {"arr_0.npy": one, "arr_2.npy": one})
        with pytest.raises(UsageError, match="was not made for 2 tables"):
            planes.read(path, planes.Shape(2, 5, 3))

    def test_a_bomb_is_refused_unread(self, tmp_path: Path) -> None:
        path = _archive(tmp_path / "planes.npz", {"arr_0.npy": _array_file(np.zeros(1 << 23))})
        assert path.stat().st_size < 1 << 17
        tracemalloc.start()
        with pytest.raises(UsageError, match="was not made for"):
            planes.read(path, planes.Shape(1, 5, 3))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 22


def _huge_claim() -> bytes:
    claimed = b"(900000000000, 300), }"
    return _array_file(np.zeros((0, 3))).replace(b"(0, 3), }".ljust(len(claimed)), claimed)


class TestDamage:
    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(lambda: _array_file(np.array([["text"]])), id="text"),
            pytest.param(lambda: _array_file(np.ones((5, 3), np.int64)), id="whole numbers"),
            pytest.param(lambda: _array_file(np.full((5, 3), np.nan)), id="not numbers"),
            pytest.param(lambda: _array_file(np.ones((5, 3)))[:-1], id="cut"),
            pytest.param(lambda: b"", id="empty"),
            pytest.param(_huge_claim, id="claims to be huge"),
        ],
    )
    def test_an_array_that_cannot_be_hyperplanes_is_reported(
        self, tmp_path: Path, data: Callable[[], bytes]
    ) -> None:
        path = _archive(tmp_path / "planes.npz", {"arr_0.npy": data()})
        with pytest.raises(DamagedError, match=r"planes\.npz cannot be used: .+; overwrite=True replaces it"):
            planes.read(path, planes.Shape(1, 5, 3))

    def test_nothing_is_unpickled(self, tmp_path: Path) -> None:
        class Code:
            def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
                return os.mkdir, (str(tmp_path / "proof"),)

        objects = _array_file(np.array([[Code()]], dtype=object))
        np.load(io.BytesIO(objects), allow_pickle=True)
        (tmp_path / "proof").rmdir()
        with pytest.raises(DamagedError, match="cannot be used"):
            planes.read(_archive(tmp_path / "planes.npz", {"arr_0.npy": objects}), planes.Shape(1, 1, 1))
        assert not (tmp_path / "proof").exists()

    def test_a_name_without_a_number_is_reported(self, tmp_path: Path) -> None:
        path = _archive(tmp_path / "planes.npz", {"data.npy": _array_file(np.ones((5, 3)))})
        with pytest.raises(DamagedError, match="cannot be used"):
            planes.read(path, planes.Shape(1, 5, 3))

    def test_what_is_no_archive_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "empty.npz").touch()
        (tmp_path / "text.npz").write_text("hyperplanes")
        (tmp_path / "one.npz").write_bytes(_array_file(np.ones((5, 3))))
        for name in ("empty.npz", "text.npz", "one.npz", "."):
            with pytest.raises(DamagedError, match="cannot be used"):
                planes.read(tmp_path / name, planes.Shape(1, 5, 3))

    def test_damage_anywhere_is_noticed_or_harmless(self, tmp_path: Path) -> None:
        path, drawn = tmp_path / "planes.npz", planes.draw(SHAPE, seed=0)
        planes.write(path, drawn)
        whole, chance = path.read_bytes(), random.Random(0)
        noticed = 0
        for _ in range(400):
            changed = bytearray(whole)
            changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            path.write_bytes(changed[: chance.choice([len(whole), chance.randrange(len(whole))])])
            try:
                read = planes.read(path, SHAPE)
            except (DamagedError, UsageError):
                noticed += 1
            else:
                assert (read == drawn).all()
        assert noticed > 300
