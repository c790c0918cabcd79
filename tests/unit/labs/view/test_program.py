"""``lookalike lab map`` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tiny_model
from pictures import draw
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path / "home")
    made.environment["OMP_NUM_THREADS"] = "1"  # tests share the cores, and t-SNE's threads wait by spinning
    return made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model.write(tmp_path / "tiny.onnx", seed=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    for number in range(24):
        place = made / ("odd" if number % 2 else "even")
        place.mkdir(parents=True, exist_ok=True)
        draw(number).save(place / f"{number:02d}.png")
    return made


@pytest.mark.slow
def test_a_folder_and_a_collection_of_it_give_the_same_map(
    program: Program, folder: Path, model: Path, tmp_path: Path
) -> None:
    (folder / "odd" / "bad.png").write_bytes(b"no picture")
    done = program.here("lab", "map", folder, "--out", tmp_path / "one", "--model", model, "--json")
    assert done.code == 0
    assert "left out" in done.err
    assert done.json["schema"] == "lookalike.map/1"
    facts = json.loads((tmp_path / "one" / "map.json").read_text())
    assert {name: done.json[name] for name in facts if name != "machine"} == {
        name: value for name, value in facts.items() if name != "machine"
    }
    assert (facts["points"], facts["classes"]) == (24, 2)
    assert facts["settings"]["source"] == "pictures"
    with Image.open(tmp_path / "one" / "map.png") as drawing:
        assert drawing.width > 2000
        assert len(np.unique(np.asarray(drawing.convert("L")))) > 50

    (folder / "odd" / "bad.png").unlink()
    assert program.here("index", folder, "--model", model).code == 0
    done = program.here("lab", "map", program.collection, "--out", tmp_path / "two")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "24 pictures of 2 classes, of 24 in collection, embedded by tiny:"
    assert lines[1].split() == ["silhouette", "neighbour", "agreement", "trustworthiness"]
    assert [line.split("  ")[-1] for line in lines[2:]] == [
        "the embedding itself",
        "t-SNE of the whole embedding",
        "t-SNE after PCA to 50 components",
        "Principal components",
    ]
    again = json.loads((tmp_path / "two" / "map.json").read_text())
    for name in ("points", "classes", "methods", "embedding", "explained_variance", "buckets"):
        assert again[name] == facts[name]
    pages = [(tmp_path / name / "map.html").read_text("utf-8") for name in ("one", "two")]
    assert pages[0].replace("From pictures,", "From collection,") == pages[1]


def test_a_flat_folder_has_no_classes_to_separate(
    program: Program, folder: Path, model: Path, tmp_path: Path
) -> None:
    done = program.here(
        "lab", "map", folder / "odd", "--model", model, "--limit", "10", "--out", tmp_path / "out"
    )
    assert done.code == 0
    assert "there are no classes to separate" in done.err
    assert done.out.splitlines()[0] == "10 pictures of 1 class, of 12 in odd, embedded by tiny:"
    facts = json.loads((tmp_path / "out" / "map.json").read_text())
    assert facts["embedding"] == {"silhouette": None, "neighbour_agreement": None}


def test_mistakes_are_said_in_one_line(program: Program, folder: Path, model: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    draw(1).save(few / "a.png")
    done = program.here("lab", "map", few, "--model", model)
    assert (done.code, done.out) == (2, "")
    assert "needs 10 pictures or more" in done.err
    assert program.here("lab", "map", tmp_path / "absent").code == 3
    taken = tmp_path / "file"
    taken.write_text("")
    done = program.here("lab", "map", folder, "--model", model, "--out", taken)
    assert done.code == 2
    assert "name another --out" in done.err
