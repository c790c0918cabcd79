"""``lookalike lab robust`` as a person and as a CI job runs it."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

from lookalike.alterations import crop
from pictures import draw, write
from program import Program


@pytest.mark.slow
def test_what_is_required_decides_the_exit_code(program: Program) -> None:
    """One of the pictures is a crop of another: a copy cropped in the same way leads there instead."""
    folder = program.home / "pictures"
    write(folder, 5)
    arguments = ("lab", "robust", folder, "--quick", "--queries", "6", "--out", "out")
    done = program.here(*arguments, "--require", "0.5", "--json")
    assert done.code == 0
    assert done.err == f"written: {program.home / 'out' / 'robust.html'} and robust.json\n"
    written = json.loads((program.home / "out" / "robust.json").read_text())
    written.pop("machine")
    answer = done.json
    assert answer.pop("schema") == "lookalike.robust/1"
    assert answer == written
    assert (answer["images"], answer["queries"]) == (5, 5)

    crop(draw(3, 300, 200), 0.8).save(folder / "crop.png")
    draw(3, 300, 200).save(folder / "picture-0003.png")
    (folder / "broken.jpg").write_bytes(b"nothing")
    done = program.here(*arguments, "--require", "1")
    assert done.code == 1
    unread, file, _, failed = done.err.splitlines()
    assert unread == "1 file could not be used:"
    assert file.startswith(f"  {folder / 'broken.jpg'}: not a JPEG")
    assert failed.startswith("not robust: less than 1 of the copies lead to their original first: ")
    assert "crop 0.8 (0.8" in failed
    assert done.out.startswith("6 pictures altered and compared with 6; share of copies whose original comes")
    assert "  Cropped to 80 % of its area\n" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none"], 3, "no pictures that can be read in"),
        ([".", "--require", "1.5"], 2, "--require takes a share from 0 to 1, not 1.5"),
        ([".", "--false-positives", "0.5"], 2, "must be from 0 to 0.01, not 0.5"),
        ([".", "--model", "none"], 2, "unknown model 'none'"),
    ],
)
def test_mistakes_cost_one_line(arguments: list[str], code: int, message: str, program: Program) -> None:
    done = program.here("lab", "robust", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert done.err.count("\n") == 1
