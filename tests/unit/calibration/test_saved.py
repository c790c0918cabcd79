"""A calibration written and read again, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.calibration import Calibration, measure
from lookalike.calibration.saved import NAME
from lookalike.kernels.arrays import unit_rows

PRINT = "a" * 32
ROWS = unit_rows(np.random.default_rng(0).standard_normal((120, 8)).astype(np.float32))


@pytest.fixture
def kept(tmp_path: Path) -> Calibration:
    measured = measure(np.arange(120), ROWS, lambda *_: (1.0, False), PRINT)
    measured.save(tmp_path)
    return measured


def test_what_is_read_says_the_same(kept: Calibration, tmp_path: Path) -> None:
    read = Calibration.load(tmp_path, PRINT)
    assert read is not None
    assert (read.fingerprint, read.images) == (PRINT, 120)
    assert np.array_equal(read.levels(ROWS), kept.levels(ROWS))
    scores = np.linspace(-20, 50, 200)
    assert np.array_equal(read.chances(scores, [20.0] * 200), kept.chances(scores, [20.0] * 200))
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_ships_can_be_kept_too(tmp_path: Path) -> None:
    Calibration.shipped(PRINT).save(tmp_path)
    read = Calibration.load(tmp_path, PRINT)
    assert read is not None
    assert read.images == 0
    assert read.own is None


def test_another_embedders_is_none(kept: Calibration, tmp_path: Path) -> None:
    assert Calibration.load(tmp_path, "b" * 32) is None
    assert Calibration.load(tmp_path / "elsewhere", PRINT) is None


def test_a_damaged_file_is_none(kept: Calibration, tmp_path: Path) -> None:
    whole = (tmp_path / NAME).read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / NAME).write_bytes(whole[:length])
        assert Calibration.load(tmp_path, PRINT) is None
    for place in range(200, len(whole), len(whole) // 50):
        damaged = bytearray(whole)
        damaged[place] ^= 255
        (tmp_path / NAME).write_bytes(damaged)
        read = Calibration.load(tmp_path, PRINT)
        assert read is None or np.array_equal(read.levels(ROWS), kept.levels(ROWS))


def changed(folder: Path, **arrays: object) -> Calibration | None:
    with np.load(folder / NAME) as archive:
        held = {name: archive[name] for name in archive.files}
    np.savez(folder / NAME, **{**held, **arrays})  # type: ignore[arg-type]
    return Calibration.load(folder, PRINT)


@pytest.mark.parametrize(
    "arrays",
    [
        {"rows": np.full((60, 8), np.nan, np.float32)},
        {"rows": np.ones((60, 8), np.float64)},
        {"rows": np.ones(60, np.float32)},
        {"scores": np.array([1.0, np.inf]), "shares": np.array([1.0, 0.5])},
        {"scores": np.array([2.0, 1.0]), "shares": np.array([1.0, 0.5])},
        {"shares": np.array([0.5])},
        {"facts": np.array("[]")},
        {"facts": np.array("no JSON")},
        {"facts": np.array({"format": 1}, dtype=object)},
    ],
    ids="+".join,
)
def test_numbers_that_make_no_sense_are_none(
    arrays: dict[str, object], kept: Calibration, tmp_path: Path
) -> None:
    assert changed(tmp_path) is not None
    assert changed(tmp_path, **arrays) is None
