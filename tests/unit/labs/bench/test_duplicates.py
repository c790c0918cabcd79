"""The bench of duplicates: what it counts as found, and what as lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pictures
from lookalike.alterations import COPY_KINDS
from lookalike.labs.bench import duplicates
from lookalike.labs.bench.lost import reason_of
from lookalike.sight import Sight


def test_every_picture_is_copied_in_another_way_each_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(4):
        pictures.draw(seed, 320, 240).save(tmp_path / f"{seed}.png")
    given = ["--pictures", str(tmp_path), "--photos", "3", "--pages", "1", "--rounds", "2"]
    duplicates.main(given)
    result = json.loads((tmp_path / "results" / "duplicates.json").read_text())
    assert [one["images"] for one in result["rounds"]] == [8, 8]
    kinds = list(COPY_KINDS)
    photos = {one["kind"]: one for one in result["outcomes"] if one["of"] == "photos"}
    assert sorted(photos) == sorted(kinds[:4])  # picture i in round r has kind i + r
    assert [one["kind"] for one in result["outcomes"] if one["of"] == "pages"] == kinds[:2]
    assert photos[kinds[0]]["found"] == 1
    assert photos[kinds[1]]["found"] == 2
    assert "crop-80" in capsys.readouterr().out


def test_the_reason_is_told_why_two_pictures_are_no_copies() -> None:
    picture = pictures.draw(1, 320, 240)
    assert reason_of(Sight(picture), Sight(Image.new("RGB", (320, 240), "white"))) == "unlaid"
    pixels = np.asarray(picture).copy()
    pixels[60:180, 80:240] = np.asarray(pictures.draw(2, 320, 240))[60:180, 80:240]
    assert reason_of(Sight(picture), Sight(Image.fromarray(pixels))) in ("differs", "unlike")
