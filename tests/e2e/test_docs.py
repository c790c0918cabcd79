"""What the documentation shows is run as printed."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pictures
from forked import Forked
from program import Program
from waiting import HANG_GUARD

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A person's home with some pictures; the environment to run in."""
    paths = pictures.write(tmp_path / "Pictures", 6)
    (tmp_path / "beach.jpg").write_bytes(paths[0].read_bytes())
    return {
        "PATH": os.environ["PATH"],
        "OPENBLAS_NUM_THREADS": "1",  # tests share the cores, and its threads wait by spinning
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


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
        ran.append(_run(words[1:], home))
    assert "6 images added" in ran[0]
    assert ran[1].splitlines()[1].split()[0] == "identical"
    assert len(json.loads(ran[2])["matches"]) == 3
    assert "images       6 in 6 files" in ran[3]


def _run(words: list[str], home: dict[str, str]) -> str:
    """What a command of the program prints, or a program that follows ``-c``."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = Forked(words, **pipes, cwd=home["HOME"], env=home)
    out, err = process.communicate(timeout=HANG_GUARD)
    assert process.returncode == 0, err
    return out.decode()


def test_its_python_works(home: dict[str, str]) -> None:
    lines = _run(["-c", blocks("python")[1]], home).splitlines()
    assert lines[0] == "6 added, 0 rejected"
    assert lines[1].startswith("identical 1.0 ")
    assert lines[-1] == "True"


@pytest.mark.slow
def test_its_index_of_own_vectors_works(home: dict[str, str]) -> None:
    """The index must hash: what is shown is not meant to be a scan."""
    program = blocks("python")[0] + "\nprint(index.hashed, found.work.probes > 0)"
    lines = _run(["-c", program], home).splitlines()
    assert lines == ["(5, 10) [0 1 2 3 4]", "True True"]


def test_its_table_of_matches_is_such_a_table(program: Program) -> None:
    """In shape and in itself; its figures are those of a gallery and of a network that are not made here."""
    (shown,) = blocks("text")
    lines = shown.splitlines()
    head, first, evidence, rule, *others = [line.split() for line in lines[:-1]]
    assert (len(others), evidence[0], rule) == (3, "query:", ["-" * 79])
    pictures.write(program.home / "Pictures", 6)
    shutil.copy(program.home / "Pictures" / "picture-0000.png", program.home / "beach.jpg")
    assert program.here("index", "Pictures").code == 0
    found = program.here("search", "beach.jpg").out.splitlines()
    assert found[0].split() == head
    rows = [first, *others]
    assert [row[0] for row in rows] == ["copy", "similar", "similar", "different"]
    assert [row[1] for row in rows] == ["1", "2", "3", "4"]
    similarities = [float(row[2]) for row in rows]
    assert similarities == sorted(similarities, reverse=True)
    assert [float(row[3]) for row in rows] == pytest.approx([1 - each for each in similarities], abs=1e-9)
    assert lines[-1].replace("8,300", "170,000") == found[-1]


def test_it_has_one_table_of_copies_with_six_rows_of_the_whole_one() -> None:
    shown = re.findall(
        r"^\| (.+?) \| ([01]\.\d{3}) \| ([01]\.\d{3}) \| ([01]\.\d{3}) \|$", README, re.MULTILINE
    )
    whole = (ROOT / "docs" / "copies.md").read_text(encoding="utf-8")
    assert len(shown) == 6
    for edit, first, p_hash, pdq in shown:
        name = re.escape(edit[0].upper() + edit[1:])
        row = rf"^\| `[\w-]+` \| {name} \| {first} \| (?:[\d.]+ \| ){{4}}{p_hash} \| {pdq} \|$"
        assert re.search(row, whole, re.MULTILINE), edit


def test_its_first_part_fits_two_screens() -> None:
    before, details, _ = README.partition("\n# Details\n")
    assert details
    assert before.count("\n") <= 100


def test_every_page_of_the_documentation_is_listed() -> None:
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert pages == set(re.findall(r"^\| \[docs/(.+?)\]\(docs/\1\)", README, re.MULTILINE))


def test_links_lead_somewhere() -> None:
    """Files that exist, and headings that the file has."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if target.startswith("http"):
                continue
            path, _, heading = target.partition("#")
            file = page.parent / path if path else page
            assert file.exists(), (page.name, target)
            if heading:
                titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
                slugs = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
                assert heading in slugs, (page.name, target)


def test_every_command_is_listed(program: Program) -> None:
    listed = set(re.findall(r"^\| `(\w+)", README, re.MULTILINE))
    shown = program.here("--help").out
    assert listed == set(re.findall(r"^│ (\w+) +\S", shown, re.MULTILINE))


def test_every_schema_of_json_is_documented() -> None:
    commands = (ROOT / "src" / "lookalike" / "cli").rglob("*.py")
    sources = "".join(path.read_text(encoding="utf-8") for path in commands)
    schemas = set(re.findall(r'say_json\(\s*"([a-z-]+/[0-9]+)"', sources))
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert len(schemas) > 25
    assert {schema for schema in schemas if f"`lookalike.{schema}`" not in text} == set()


def test_every_json_field_is_documented(program: Program) -> None:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    paths = pictures.write(program.home / "Pictures", 6)
    (program.home / "beach.jpg").write_bytes(paths[0].read_bytes())
    runs = [
        ["index", "Pictures"],
        ["search", "beach.jpg"],
        ["status"],
        ["verify"],
        ["hash", "beach.jpg"],
        ["compare", "beach.jpg", "beach.jpg"],
        ["models"],
        ["backup", "backup.tar"],
        ["restore", "backup.tar", "--collection", "other"],
        ["reembed", "--model", "resnet34"],
        ["remove", "Pictures"],
    ]
    for words in runs:
        done = program.here(*words, "--json")
        assert done.code == 0, done.err
        answer = done.json
        row = next(line for line in text.splitlines() if f"`{answer['schema']}`" in line)
        assert set(answer) - {"schema"} <= set(re.findall(r"\w+", row))


def test_the_engines_page_shows_what_happens() -> None:
    shown = doctest.testfile(str(ROOT / "docs" / "engine.md"), module_relative=False)
    assert shown.attempted > 5
    assert shown.failed == 0
