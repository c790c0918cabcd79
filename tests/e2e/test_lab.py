"""``lookalike lab`` as a person types it, from pictures to a search with the trained network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest
from PIL import Image

import tiny_model
from pictures import draw
from program import Program

CLASSES = ("emu", "pizza", "strawberry")


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty real pictures of each of three classes."""
    made = tmp_path_factory.mktemp("classes")
    for name in CLASSES:
        (made / name).mkdir()
        for number in range(1, 31):
            shutil.copy(shared_data / "caltech101" / name / f"image_{number:04d}.jpg", made / name)
    return made


@pytest.mark.shared
@pytest.mark.slow
def test_from_pictures_to_search(program: Program, folder: Path) -> None:
    shape = ("--epochs", "2", "--side", "64", "--freeze", "3")  # test_tuning trains all four stages
    trained = program.here("lab", "train", folder, *shape, "--out", "mine.pt")
    assert trained.code == 0
    assert "72 pictures of 3 classes to learn from, 9 to decide when to stop; 64 px" in trained.err
    assert trained.out.startswith(f"{program.home / 'mine.pt'}: accuracy on the validation pictures ")
    epochs = [json.loads(line) for line in (program.home / "mine.pt.log.jsonl").read_text().splitlines()]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert epochs[1]["loss"] < epochs[0]["loss"]

    measured = program.here("lab", "evaluate", "mine.pt", folder, "--out", "results", "--json").json
    assert measured["test"] == 9
    assert measured["top_1"] >= 6 / 9
    assert [score["name"] for score in measured["classes"]] == list(CLASSES)
    written = json.loads((program.home / "results" / "evaluation.json").read_text())
    assert written["neighbours"] == measured["neighbours"]
    with Image.open(program.home / "results" / "confusion.png") as picture:
        assert min(picture.size) > 300

    exported = program.here("lab", "export", "mine.pt", "--out", "mine.onnx", "--pictures", folder)
    assert exported.code == 0
    assert "cosine with the float32 network: 0.9" in exported.out
    same = program.here("lab", "evaluate", "mine.onnx", folder, "--json").json
    assert same["top_1"] is None
    assert abs(same["neighbours"]["5"] - measured["neighbours"]["5"]) < 0.25

    assert program.here("index", folder / "pizza", "--model", "mine.onnx").code == 0  # too few to measure
    query = folder / "pizza" / "image_0007.jpg"
    (match, *_) = program.here("search", query, "--json").json["matches"]
    assert match["path"] == str(query)


def test_how_well_copies_are_found(program: Program) -> None:
    model = tiny_model.write(program.home / "tiny.onnx")
    (program.home / "album").mkdir()
    for seed in range(9):
        draw(seed, 120, 90).save(program.home / "album" / f"{seed}.png")
    command = ("lab", "evaluate", model, "--copies", "album", "--queries", "2", "--seed", "5")
    told = program.here(*command, "--out", "results", "--json")
    assert (told.json["schema"], told.json["pictures"]) == ("lookalike.evaluate-copies/1", 7)
    assert told.err == f"written: {program.home / 'results' / 'copies.json'}\n"
    written = json.loads((program.home / "results" / "copies.json").read_text())
    assert written["methods"] == told.json["methods"]
    tables = program.here(*command).out
    assert "52 copies of 2 pictures among 7, and 52 copies of 2 others; seed 5." in tables
    assert "one in 676 false pairs passes (676 in all)" in tables
    tiny = told.json["methods"][0]
    assert f"{tiny['micro_ap']:.3f}" in tables
    for title in ("Found first", "Recall", "Recall by normalised scores", "As near as the model's card asks"):
        section = tables.partition(f"\n{title}")[2].partition("\n\n")[0].splitlines()
        assert len(section) == 2 + 26
    assert f"{tiny['kinds']['crop-30']['same']:.3f}  crop-30" in tables


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["evaluate", "resnet34"], 2, "--copies FOLDER, and not both"),
        (["evaluate", "resnet34", ".", "--copies", "."], 2, "--copies FOLDER, and not both"),
        (["evaluate", "resnet34", "--copies", "none"], 3, "there is no folder"),
        (["evaluate", "none.pt", "--copies", "."], 3, "none.pt cannot be read"),
        (["evaluate", "resnet34", "--copies", "."], 2, "ask for fewer by --queries"),
        (["train", "none", "--out", "m.pt"], 3, "there is no folder none"),
        (["train", ".", "--out", "m.pt", "--device", "tpu"], 2, "device must be one of"),
        (["evaluate", "none.pt", "."], 2, "class folders"),
        (["export", "none.pt", "--out", "m.onnx"], 3, "none.pt cannot be read"),
        (["export", "none.pt", "--out", "m.bin"], 2, "ends in .onnx"),
        (["distil", "none.toml", "--data", ".", "--out", "d"], 2, "recipe none.toml cannot be read"),
    ],
)
def test_mistakes_cost_one_line(arguments: list[str], code: int, message: str, program: Program) -> None:
    done = program.here("lab", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_help_names_the_commands(program: Program) -> None:
    shown = program.here("lab", "--help").out
    for name in ("train", "evaluate", "export", "distil", "attack", "map", "robust", "bench", "report"):
        assert f"│ {name} " in shown


def test_benchmarks_are_listed_with_or_without_a_name(program: Program) -> None:
    for asked in ("--help", "-h"):
        shown = program.here("lab", "bench", asked)
        assert (shown.code, shown.err) == (0, "")
        assert "index_rate" in shown.out
    assert program.here("lab", "bench").code == 2
    assert program.here("lab", "bench", "nothing").code == 2


def test_a_benchmark_is_asked_for_its_own_help(program: Program) -> None:
    assert "--sizes SIZES" in program("lab", "bench", "growth", "--help").out
    assert "One of checks, cluster, duplicates, engine" in program.here("lab", "bench", "--help").out


@pytest.mark.slow
def test_without_pytorch_the_extra_is_named(tmp_path: Path) -> None:
    """In an environment of its own that has everything but PyTorch."""
    venv.create(tmp_path / "venv", with_pip=False)
    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("torch", "functorch")):
            (site / entry.name).symlink_to(entry)
    python = tmp_path / "venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "lookalike", "lab", "train", ".", "--out", "m.pt"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == (
        "lookalike: this command needs torch, which the extra 'labs' brings: pip install 'lookalike[labs]'\n"
    )
    assert done.returncode == 2
