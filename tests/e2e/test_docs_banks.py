"""The page about banks: its commands work in order, its program runs, and it names every field."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import pictures
from lookalike.banks.hashes import _STRANGERS, RADIUS
from program import Program

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "banks.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(program: Program) -> Path:
    pictures.write(program.home / "known", 3)
    pictures.write(program.home / "uploads", 2, first_seed=30)
    pictures.draw(1).save(program.home / "upload.jpg")
    (program.home / "list.csv").write_text(f"type,hash\npdq,{'0f' * 32}\n")
    return program.home


def test_its_commands_and_its_program_work(program: Program, home: Path) -> None:
    for line in blocks("console")[0].splitlines():
        name, *words = shlex.split(line.removeprefix("$ "), comments=True)
        assert name == "lookalike"
        done = program.here(*words)
        assert done.code == 0, done.err
    assert done.out == "2 files checked: 0 reported.\n"
    run = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]],
        cwd=home,
        env={**program.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"stolen copy [\d.e-]+ True\n", run.stdout)


def test_it_names_every_field_of_an_entry(program: Program, home: Path) -> None:
    program.here("bank", "create", "stolen")
    program.here("bank", "add", "stolen", home / "known")
    entries = program.here("bank", "list", "stolen", "--json").json["entries"]
    assert len(entries) == 3
    assert set(entries[0]) <= set(re.findall(r"`(\w+)`", PAGE.partition("## HTTP")[2]))


def test_it_names_every_field_of_a_check(program: Program, home: Path) -> None:
    program.here("bank", "create", "stolen")
    program.here("bank", "add", "stolen", "known", "-q")
    answer = program.here("check", home / "known" / "picture-0000.png", "--json").json
    (result,) = answer["results"]
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {*answer, *result, *result["matches"][0]} - {"schema"} <= named


def test_it_states_the_borders_and_shares_of_the_program() -> None:
    for kind, steps in _STRANGERS.items():
        (row,) = re.findall(rf"^\| `{kind}` \|.*$", PAGE, re.MULTILINE)
        assert f"at most {RADIUS[kind]} bits" in row
        shares = [(int(bits), float(share)) for share, bits in re.findall(r"([\d.]+e-\d) up to (\d+)", row)]
        assert shares == [(most, share) for most, share in steps]
