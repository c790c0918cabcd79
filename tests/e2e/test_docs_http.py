"""What docs/http.md shows is run as printed, against a server of its own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pictures import write
from program import Program
from served import Served, serving

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def server(program: Program) -> Iterator[Served]:
    paths = write(program.home / "Pictures", 6)
    (program.home / "beach.jpg").write_bytes(paths[0].read_bytes())
    assert program.here("index", "Pictures").code == 0
    with serving(program) as running:
        yield running


def test_its_requests_are_answered_as_shown(server: Served, program: Program) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    shown = re.findall(r"^\$ (curl [^\n]*)\n(?:```\n\n```json\n(.*?)^```)?", TEXT, re.MULTILINE | re.DOTALL)
    assert len(shown) >= 10
    for line, expected in shown:
        words = shlex.split(line.replace(ADDRESS, server.url))
        done = subprocess.run(
            [words[0], "--fail", "--silent", "--show-error", *words[1:]],
            cwd=program.home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)
        if expected:
            wanted, answer = json.loads(expected), json.loads(done.stdout)
            assert answer.keys() == wanted.keys()
            if "matches" in wanted:
                assert answer["matches"][0].keys() == wanted["matches"][0].keys()
                assert answer["took"].keys() == wanted["took"].keys()
                assert answer["work"].keys() == wanted["work"].keys()


def test_its_python_works(server: Served, program: Program) -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code.replace(ADDRESS, server.url)],
        cwd=program.home, env=program.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"1 1\.0 \S+picture-0000.png\n2 .*\n3 .*\n", done.stdout)


def test_every_status_is_in_its_table(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    answers = {
        status
        for methods in described["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if status >= "400"
    }
    listed = set(re.findall(r"\b4\d\d|\b5\d\d", " ".join(re.findall(r"^\| (\d.*?) \|", TEXT, re.MULTILINE))))
    assert listed == answers


def test_its_options_are_those_of_the_command(program: Program) -> None:
    offered = program.here("serve", "--help").out
    for option in set(re.findall(r"--(?:host|allow-host|token|processes|queue|port|no-token)\b", TEXT)):
        assert option in offered
