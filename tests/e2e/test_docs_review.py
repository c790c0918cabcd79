"""The page about review: its commands and programs run, and it names every field, route and key."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hostile import encoded
from lookalike.web.review_schemas import ReviewCase
from pictures import draw, write
from program import Program

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
HTML = (ROOT / "src" / "lookalike" / "web" / "review.html").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def reviewed(program: Program) -> Program:
    """After the commands of the page."""
    write(program.home / "known", 2)
    program.here("bank", "create", "stolen")
    program.here("bank", "add", "stolen", "known", "-q")
    uploads = program.home / "uploads"
    uploads.mkdir()
    for name, seed in (("copy.jpg", 0), ("other.jpg", 1)):
        (uploads / name).write_bytes(encoded(draw(seed).crop((3, 2, 92, 70)), "JPEG"))
    for line in blocks("console")[0].splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        assert words.pop(0) == "lookalike"
        may_fail = words[-2:] == ["||", "true"]
        done = program.here(*(words[:-2] if may_fail else words))
        assert done.code == (6 if may_fail else 0), done.err
    return program


def test_its_commands_and_programs_work(reviewed: Program) -> None:
    assert len((reviewed.home / "decisions.jsonl").read_text().splitlines()) == 3
    said = []
    for code in blocks("python"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=reviewed.home,
            env={**reviewed.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(run.stdout)
    assert re.fullmatch(r"sound up to [0-9a-f]{64}\n", said[0])
    assert said[0].split()[-1] in reviewed.here("audit", "verify").out
    assert said[1] == "1 None\n"
    log = reviewed.home / "decisions.jsonl"
    log.write_text(log.read_text().replace('"Ada"', '"Eve"', 1))
    broken = subprocess.run([sys.executable, "-c", blocks("python")[0]], cwd=reviewed.home,
                            capture_output=True, text=True, check=False)  # fmt: skip
    assert "entry 1 was changed" in broken.stderr


def test_it_names_every_field_key_and_route(reviewed: Program) -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    shown = reviewed.here("review", "show", "1", "--json").json
    assert set(shown) - {"schema"} == set(ReviewCase.model_fields) <= named
    line = (reviewed.home / "decisions.jsonl").read_text().splitlines()[0]
    assert set(re.findall(r'"(\w+)": ', line)) <= named
    keys = re.search(r'id="keys".*?</details>', HTML, re.DOTALL)
    assert keys is not None
    listed = re.findall(r"<kbd>(.)</kbd>", keys[0])
    assert sorted(listed) == sorted(re.findall(r"`(.)`", PAGE.partition("| key |")[2].partition("\n\n")[0]))
