"""The bench of the second look at kinds of pictures: what it counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import drawn
from lookalike.errors import NotFoundError
from lookalike.labs.bench import sight


def test_it_counts_what_is_mixed_up_and_what_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(3):
        for kind in ("page", "ticket"):
            (tmp_path / "kinds" / kind).mkdir(parents=True, exist_ok=True)
            drawn.draw(kind, seed).save(tmp_path / "kinds" / kind / f"{seed}.png")
    half = drawn.draw("ticket", 0).resize((360, 150))
    half.save(tmp_path / "kinds" / "ticket" / "copy.png")
    sight.main(["--kinds", str(tmp_path / "kinds")])
    result = json.loads((tmp_path / "results" / "sight-kinds.json").read_text())
    found = {kind["name"]: (kind["pairs"], kind["called_copies"]) for kind in result["kinds"]}
    assert found == {"page": (3, 0), "ticket": (6, 1)}
    assert result["all"]["verified"] == {"half": 1, "crop": 1, "edge": 1}
    assert "11.11 % of different pairs taken for copies" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no folder"):
        sight.main(["--kinds", str(tmp_path / "nowhere")])
