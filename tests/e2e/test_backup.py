"""A backup by the real program, while another process indexes; the restored collection answers as before."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from lookalike import Collection
from pictures import draw, write
from program import Program
from served import serving
from waiting import HANG_GUARD

COUNT = 40


def other(program: Program, name: str) -> Program:
    """The same person's program for another collection."""
    made = Program(program.home)
    made.collection = program.home / name
    made.environment["LOOKALIKE_COLLECTION"] = str(made.collection)
    return made


def answer(program: Program, picture: Path) -> list[dict[str, Any]]:
    matches: list[dict[str, Any]] = program.here("search", picture, "--json").json["matches"]
    return matches


@pytest.mark.slow
def test_a_backup_while_an_index_runs(program: Program) -> None:
    files = write(program.home / "pictures", COUNT)
    indexing = program.fork("index", "pictures")
    last = time.monotonic() + HANG_GUARD
    done = program.here("backup", "backup.tar")
    while done.code == 3 or "no collection" in done.err:
        assert time.monotonic() < last
        time.sleep(0.02)
        done = program.here("backup", "backup.tar")
    assert done.code == 0, done.err
    backed_up_before_the_end = indexing.poll() is None
    assert indexing.wait(HANG_GUARD) == 0
    indexing.communicate()
    restored = other(program, "restored")
    assert restored.here("restore", "backup.tar").code == 0
    with Collection.open(restored.collection) as collection:
        known = collection.files()
        assert set(known) <= set(files)
        assert collection.check().problems == []
    assert backed_up_before_the_end
    told = restored.here("index", "pictures", "--json").json
    assert (told["unchanged"], told["added"]) == (len(known), COUNT - len(known))
    assert answer(restored, files[7])[0]["verdict"] == "identical"


def test_restored_answers_are_the_same(program: Program) -> None:
    files = write(program.home / "pictures", 12)
    assert program.here("index", "pictures").code == 0
    expected = [answer(program, path) for path in files[:2]]
    assert len(expected[0]) == 10
    told = program.here("backup", "backup.tar", "--json").json
    assert told["bytes"] == (program.home / "backup.tar").stat().st_size
    shutil.rmtree(program.collection)
    assert program.here("restore", "backup.tar").out == f"12 images restored to {program.collection}\n"
    assert [answer(program, path) for path in files[:2]] == expected
    refused = program.here("restore", "backup.tar")
    assert (refused.code, refused.out) == (2, "")
    assert "there is something at" in refused.err


def test_uploads_move_along_from_a_running_server(program: Program) -> None:
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    file = io.BytesIO()
    draw(77).save(file, "PNG")
    with serving(program) as server:
        sent = server.client.post("/v1/images", files={"files": ("a.png", file.getvalue())})
        assert sent.status_code in (200, 201), sent.text
        assert program.here("backup", "backup.tar").code == 0
    restored = other(program, "restored")
    assert restored.here("restore", "backup.tar").code == 0
    shutil.rmtree(program.collection)
    query = program.home / "query.png"
    query.write_bytes(file.getvalue())
    best = answer(restored, query)[0]
    assert (best["verdict"], best["missing"]) == ("identical", [])
    assert Path(best["path"]).parent == restored.collection / "uploads"
    assert restored.here("verify").code == 0
    status = restored.here("status", "--json").json
    assert (status["images"], status["missing"]) == (4, [])
