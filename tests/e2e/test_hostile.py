"""A folder full of hostile and broken files is indexed by the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import hostile
import pictures
from lookalike.cli.codes import REJECTED

HANG_GUARD = 240
MOST_MEMORY = 1200 << 20  # bytes; a bomb would take ten times as much


def test_each_bad_file_has_one_line_and_the_rest_is_indexed(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    cases = hostile.build(folder)
    good = pictures.write(tmp_path / "good", 3)
    command = [sys.executable, "-m", "lookalike", "index", str(folder), str(tmp_path / "good"), "--json"]
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(
            [*command, "--collection", str(tmp_path / "store")], stdout=stdout, stderr=stderr
        )
        guard = threading.Timer(HANG_GUARD, child.kill)
        guard.start()
        _, status, usage = os.wait4(child.pid, 0)  # the memory of this process alone
        guard.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
    assert "Traceback" not in err.read_text()
    assert child.returncode == REJECTED
    answer = json.loads(out.read_text())
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
    assert usage.ru_maxrss * 1024 < MOST_MEMORY


def test_the_lines_for_people_stay_lines(tmp_path: Path) -> None:
    bad = tmp_path / os.fsdecode(b"new\nline-\xff.jpg")
    bad.write_bytes(b"not an image")
    done = subprocess.run(
        [sys.executable, "-m", "lookalike", "index", str(tmp_path), "--collection", str(tmp_path / "store")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == REJECTED
    assert done.stderr.splitlines()[0] == "1 file could not be used:"
    assert len(done.stderr.splitlines()) == 2
    assert r"new\nline-\udcff.jpg: not a JPEG" in done.stderr.splitlines()[1]
