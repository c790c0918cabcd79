"""What benchmarks run on: a folder that is named, however small, or the demo's gallery."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import NotFoundError, UsageError
from lookalike.labs.bench import NAMES, index_rate, pictures, vectors
from lookalike.labs.bench.pictures import CALTECH, chosen_folder, pictures_in
from pictures import draw


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four pictures of three formats, fewer than any benchmark would like."""
    folder = tmp_path / "few"
    for place, name in enumerate(("a/one.jpg", "a/two.png", "b/three.webp", "b/four.jpeg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        draw(place, 160, 120).save(folder / name)
    monkeypatch.chdir(tmp_path)
    return folder


def test_pictures_of_every_format_count(few: Path) -> None:
    assert [path.name for path in pictures_in(chosen_folder(few))] == [
        "one.jpg", "two.png", "four.jpeg", "three.webp",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="has 4 pictures; this benchmark needs 5 or more"):
        pictures_in(few, fewest=5)
    with pytest.raises(NotFoundError, match="there is no folder"):
        chosen_folder(few / "none")


def test_the_rate_of_indexing_is_measured_on_few(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(index_rate, "ROUNDS", 1)
    index_rate.main(["--pictures", str(few)])
    result = json.loads(Path("results/index_rate.json").read_text())
    assert (result["images"], result["pictures"]) == (4, "few")
    assert result["least_cosine"] > 0.9


def test_without_a_folder_the_gallery_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "PICTURES", 6)
    folder = chosen_folder(None)
    drawn = {path: path.stat().st_mtime_ns for path in pictures_in(folder)}
    assert len(drawn) == 6
    assert folder == tmp_path / "results" / "gallery"
    assert chosen_folder(None) == folder
    assert {path: path.stat().st_mtime_ns for path in pictures_in(folder)} == drawn
    said = capsys.readouterr().out
    assert said.count("drawing") == 1
    assert CALTECH in said
    monkeypatch.setattr(vectors, "MADE", 50)
    path = vectors._made_from_gallery()
    rows = np.load(path)
    assert rows.shape == (50, 512)
    np.testing.assert_allclose(rows[:6], vectors.gallery_embeddings(), atol=1e-6)
    assert "say little of photos" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["checks", "growth", "index_rate", "search_start", "serve"])
def test_benchmarks_of_pictures_say_where_to_get_some(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert name in NAMES
    module = __import__(f"lookalike.labs.bench.{name}", fromlist=["main"])
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    assert stopped.value.code == 0
    assert CALTECH.split()[1] in "".join(capsys.readouterr().out.split())
