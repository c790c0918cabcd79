"""A folder full of hostile and broken files is indexed by the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import hostile
import pictures
from lookalike.cli.codes import REJECTED
from program import Program
from waiting import HANG_GUARD

MOST_MEMORY = 1200 << 20  # bytes; a bomb would take ten times as much


def test_each_bad_file_has_one_line_and_the_rest_is_indexed(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    cases = hostile.build(folder)
    good = pictures.write(tmp_path / "good", 3)
    command = [sys.executable, "-m", "lookalike", "index", str(folder), str(tmp_path / "good"), "--json"]
    # Started by a small process: Linux counts the memory of whoever starts a program as the program's own.
    starter = (
        "import resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", starter, *command, "--collection", str(tmp_path / "store")],
        capture_output=True, text=True, check=False, timeout=HANG_GUARD,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == REJECTED
    answer, most = (json.loads(line) for line in done.stdout.splitlines())
    reasons = {os.fsencode(item["path"]): item["reason"] for item in answer["rejected"]}
    for case in cases:
        reason = reasons.get(os.fsencode(case.path))
        if case.refused is None:
            assert reason is None, f"{case.path!r}: {reason}"
        else:
            assert reason is not None, f"{case.path!r} was taken"
            assert case.refused in reason
            assert "\n" not in reason
    assert answer["added"] >= len(good)
    assert most * 1024 < MOST_MEMORY


def test_the_lines_for_people_stay_lines(program: Program, tmp_path: Path) -> None:
    bad = tmp_path / os.fsdecode(b"new\nline-\xff.jpg")
    bad.write_bytes(b"not an image")
    done = program("index", tmp_path)
    assert done.code == REJECTED
    assert done.err.splitlines()[0] == "1 file could not be used:"
    assert len(done.err.splitlines()) == 2
    assert r"new\nline-\udcff.jpg: not a JPEG" in done.err.splitlines()[1]
