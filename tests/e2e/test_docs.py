"""What the documentation shows is run as printed."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import pictures

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A person's home with some pictures; the environment to run in."""
    paths = pictures.write(tmp_path / "Pictures", 6)
    (tmp_path / "beach.jpg").write_bytes(paths[0].read_bytes())
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}


def test_the_readme_opens_with_the_two_commands() -> None:
    assert blocks("console")[0] == "$ make demo\n$ make test\n"
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test"} <= set(re.findall(r"^(\w+):", targets, re.MULTILINE))


def test_ci_runs_the_readmes_test_command() -> None:
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_commands_work_in_order(home: dict[str, str]) -> None:
    lines = [line.removeprefix("$ ") for line in blocks("console")[1].splitlines()]
    assert (
        lines[0] == "pip install ."
    )  # done by whoever runs these tests, and by CI into an environment of its own
    ran = []
    for line in lines[1:]:
        words = [word.replace("~", home["HOME"]) for word in shlex.split(line)]
        assert words[0] == "lookalike"
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=home["HOME"],
            env=home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        ran.append(done.stdout)
    assert "6 images added" in ran[0]
    assert ran[1].splitlines()[1].split()[0] == "1"
    assert len(json.loads(ran[2])["matches"]) == 3
    assert "images       6 in 6 files" in ran[3]


def test_its_python_works(home: dict[str, str]) -> None:
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=home["HOME"],
        env=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "6 added, 0 rejected"
    assert lines[1].startswith("1 1.0 ")
    assert lines[-1] == "True"


def test_every_command_is_listed() -> None:
    listed = set(re.findall(r"^\| `(\w+)", README, re.MULTILINE))
    shown = subprocess.run(
        [sys.executable, "-m", "lookalike", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert listed == set(re.findall(r"^│ (\w+) +\S", shown, re.MULTILINE))


def test_every_json_field_is_documented(home: dict[str, str]) -> None:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    runs = [
        ["index", "Pictures"],
        ["search", "beach.jpg"],
        ["status"],
        ["verify"],
        ["hash", "beach.jpg"],
        ["compare", "beach.jpg", "beach.jpg"],
        ["models"],
        ["reembed", "--model", "resnet34"],
        ["remove", "Pictures"],
    ]
    for words in runs:
        done = subprocess.run(
            [sys.executable, "-m", "lookalike", *words, "--json"],
            cwd=home["HOME"], env=home, capture_output=True, text=True, check=True,
        )  # fmt: skip
        answer = json.loads(done.stdout)
        row = next(line for line in text.splitlines() if f"`{answer['schema']}`" in line)
        assert set(answer) - {"schema"} <= set(re.findall(r"\w+", row))


def test_the_engines_page_shows_what_happens() -> None:
    shown = doctest.testfile(str(ROOT / "docs" / "engine.md"), module_relative=False)
    assert shown.attempted > 5
    assert shown.failed == 0
