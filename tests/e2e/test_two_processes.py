"""Several processes share one collection."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pictures
from lookalike import Collection
from program import Program
from waiting import HANG_GUARD


def index(store: Path, folder: Path) -> subprocess.Popen[bytes]:
    return Program(store.parent / "home").fork("index", folder, "--collection", store, "--json")


def test_a_reader_sees_new_images_without_reopening(tmp_path: Path) -> None:
    files = pictures.write(tmp_path / "pictures", 20)
    store = tmp_path / "store"
    with Collection.open(store, create=True) as reader:
        reader.add(files[:1])
        writer = index(store, tmp_path / "pictures")
        seen = set()
        last = time.monotonic() + HANG_GUARD
        while len(seen) < len(files) and time.monotonic() < last:
            wanted = files[len(seen)]
            best = reader.search(wanted, 1)[0]
            if wanted in best.paths:
                seen.add(wanted)
            else:
                time.sleep(0.05)
        complaints = writer.communicate(timeout=HANG_GUARD)[1]
        assert writer.returncode == 0, complaints
        assert len(seen) == len(files)
        assert all(path in reader.search(path, 1)[0].paths for path in files)


def test_a_reader_stops_finding_what_another_process_removed(tmp_path: Path) -> None:
    files = pictures.write(tmp_path / "pictures", 4)
    with Collection.open(tmp_path / "store", create=True) as reader:
        reader.add(files)
        assert files[0] in reader.search(files[0], 1)[0].paths
        program = Program(tmp_path / "home")
        assert program("remove", files[0], "--collection", tmp_path / "store", "--quiet").code == 0
        matches = reader.search(files[0], 10)
        assert len(matches) == 3
        assert not any(files[0] in match.paths for match in matches)


def test_two_writers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    files = pictures.write(tmp_path / "pictures", 30)
    writers = [index(tmp_path / "store", tmp_path / "pictures") for _ in range(2)]
    for writer in writers:
        complaints = writer.communicate(timeout=HANG_GUARD)[1]
        assert writer.returncode == 0, complaints
    with Collection.open(tmp_path / "store") as collection:
        assert collection.files() == sorted(files)
        assert len(collection) == len(files)
        report = collection.check()
        assert (report.problems, report.repaired) == ([], [])
