"""The benchmark of altered copies, run whole on a few real pictures."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

from lookalike.labs.bench import copies
from lookalike.labs.shared.classic_hashes import HASHES, first_by_chance, hamming
from pictures import draw


def test_hashes_are_bits_of_the_picture() -> None:
    for name, compute in HASHES.items():
        first, again, other = (compute(draw(seed, 200, 150)) for seed in (1, 1, 2))
        assert len(first) == (32 if name == "PDQ" else 8)
        assert (first == again).all()
        assert hamming(first, np.stack([again, other])).tolist()[0] == 0
        assert hamming(first, other[None])[0] > 8


def test_hamming_by_hand() -> None:
    rows = np.array([[0b1111, 0], [0b1000, 1], [255, 255]], np.uint8)
    assert hamming(np.array([0b1100, 0], np.uint8), rows).tolist() == [2, 2, 14]


@pytest.mark.parametrize(
    ("distances", "own", "chance"),
    [([3, 1, 2], 1, 1.0), ([3, 1, 2], 0, 0.0), ([1, 1, 2], 0, 0.5), ([4, 4, 4, 4], 3, 0.25)],
)
def test_the_chance_of_being_first(distances: list[int], own: int, chance: float) -> None:
    assert first_by_chance(np.array(distances), own) == chance


@pytest.mark.shared
@pytest.mark.slow
def test_the_program(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    for name in ("emu", "pizza", "chair"):
        (folder / name).mkdir(parents=True)
        for number in range(1, 9):
            shutil.copy(shared_data / "caltech101" / name / f"image_{number:04d}.jpg", folder / name)
    (tmp_path / "pictures-test.txt").write_text(
        "emu/image_0001.jpg\npizza/image_0002.jpg\nchair/image_0003.jpg\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["copies", "--pictures", str(folder), "--queries", "3"])
    copies.main()
    result = json.loads((tmp_path / "results" / "copies.json").read_text())
    scores = {score["name"]: score for score in result["scores"]}
    assert (result["images"], result["queries"]) == (24, 3)
    assert len(scores) == len(copies.MILD) + len(copies.HARD) + len(copies.MORE) + 1
    assert scores["jpeg-40"]["first"] == scores["jpeg-40"]["hashes"]["PDQ"] == 1
    assert scores["pasted"]["first"] <= scores["pasted, but for the ground"]["first"]
    assert scores["flip"]["hashes"]["pHash"] < 1
    assert result["strangers"]["pairs"] == 3 * 8 * 8
    assert "jpeg-40" in capsys.readouterr().out
    (kept,) = (tmp_path / "results" / "described").iterdir()
    before = kept.stat().st_mtime_ns
    copies.main()
    assert kept.stat().st_mtime_ns == before
