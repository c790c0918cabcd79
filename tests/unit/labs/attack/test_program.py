"""``lookalike lab attack`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("pdqhash")

from PIL import Image

import pictures
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path / "home")
    for number in range(8):
        path = made.home / "drawn" / ("even" if number % 2 == 0 else "odd") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.draw(number, 60, 48).save(path)
    (made.home / "train.txt").write_text("".join(f"even/{n}.png\nodd/{n + 1}.png\n" for n in (0, 2, 4)))
    (made.home / "test.txt").write_text("even/6.png\nodd/7.png\n")
    return made


@pytest.mark.slow
def test_two_pictures(program: Program) -> None:
    lists = ("--train-list", "train.txt", "--test-list", "test.txt")
    few = ("--pictures", "5", "--steps", "2", "--budget", "0.01", "--objective", "evade", "--out", "out")
    arguments = ("lab", "attack", "drawn", *lists, *few)
    done = program.here(*arguments)
    assert done.code == 0
    assert done.err == f"written: {program.home / 'out'}\n"
    title, head, *rows = done.out.splitlines()
    assert title == "2 pictures attacked; share of successes"
    assert head.split("  ")[-1] == "attack"
    assert [row.split()[0] for row in rows] == ["0", "0.01", "0", "0.01"]
    assert rows[0].split()[1:] == ["0.000", "0.000", "evade", "by", "FGSM"]
    with Image.open(program.home / "out" / "attack.png") as drawn:
        assert drawn.width > 800

    again = program.here(*arguments, "--json")
    answer = again.json
    assert answer.pop("schema") == "lookalike.attack/1"
    assert answer == json.loads((program.home / "out" / "attack.json").read_text())
    shown = [
        f"{entry['success']:.3f}"
        for entry in answer["runs"]
        if entry["through"] == "file" and entry["budget"] == 0.01
    ]
    assert shown == [row.split()[2] for row in rows[1::2]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--objective", "misclassify"], "needs a trained classifier"),
        (["--objective", "hide"], "must be one of misclassify, evade, collide, not 'hide'"),
        (["--budget", "2"], "above 0 and up to 1"),
    ],
)
def test_mistakes_cost_one_line(arguments: list[str], message: str, program: Program) -> None:
    done = program.here("lab", "attack", "drawn", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1
