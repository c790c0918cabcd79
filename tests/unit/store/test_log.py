from __future__ import annotations

import random
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike.store import Database, History, Recorder, problems_in
from lookalike.store.log import _summed, lost_commits
from records import records


def crashed(folder: Path, place: Path, commits: int = 6) -> Path:
    """A copy of a catalog as a crash leaves it: commits that lie in its log only."""
    with closing(Database(folder / "catalog.sqlite", create=True)) as database:
        database.row("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(commits):
            Recorder(database).record(records([number]))
        place.mkdir()
        for name in ("catalog.sqlite", "catalog.sqlite-wal"):
            shutil.copy(folder / name, place / name)
    return place / "catalog.sqlite"


def log_of(catalog: Path) -> Path:
    return catalog.with_name("catalog.sqlite-wal")


def plain_sum(content: bytes, order: str) -> tuple[int, int]:
    """The loop as SQLite's documentation has it."""
    s0 = s1 = 0
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        s0 = (s0 + first + s1) % 2**32
        s1 = (s1 + second + s0) % 2**32
    return s0, s1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("length", [8, 24, 520, 16392])
def test_the_checksum_is_sqlites(order: str, length: int) -> None:
    content = np.random.default_rng(length).bytes(length)
    assert _summed(content, f"{order}u4") == plain_sum(content, order)


def test_a_sound_log_has_lost_nothing(tmp_path: Path) -> None:
    catalog = crashed(tmp_path, tmp_path / "copy")
    assert log_of(catalog).stat().st_size > 6 * 16384
    assert lost_commits(catalog) == 0
    with closing(Database(catalog, create=False)) as database:
        assert History(database).revision() == 6
        assert database.rows("SELECT * FROM losses") == []


def test_it_says_what_sqlite_will_not_read(tmp_path: Path) -> None:
    """Whatever bit flips, the commits that SQLite then lacks are counted."""
    catalog = crashed(tmp_path, tmp_path / "copy")
    whole, main = log_of(catalog).read_bytes(), catalog.read_bytes()
    chance, seen = random.Random(3), set()
    places = [0, 9, 17, 25, 33, 40, 50, *(chance.randrange(32, len(whole)) for _ in range(40))]
    for place in places:
        for leftover in catalog.parent.iterdir():
            leftover.unlink()
        catalog.write_bytes(main)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        log_of(catalog).write_bytes(damaged)
        said = lost_commits(catalog)
        with closing(sqlite3.connect(catalog)) as connection:
            lost = 6 - connection.execute("SELECT max(number) FROM revisions").fetchone()[0]
        assert said == lost, place
        seen.add(lost)
    assert {1, 2, 3, 4, 5, 6} >= seen >= {1, 3, 6}


def test_a_log_without_its_end_lacks_what_cannot_be_known(tmp_path: Path) -> None:
    catalog = crashed(tmp_path, tmp_path / "copy")
    whole = log_of(catalog).read_bytes()
    for size in (0, 7, 31, 32, 100, len(whole) - 5000):
        log_of(catalog).write_bytes(whole[:size])
        assert lost_commits(catalog) == 0


def test_frames_of_an_earlier_round_are_no_damage(tmp_path: Path) -> None:
    """SQLite begins the log anew at its start, and what was there before stays behind the new end."""
    catalog = tmp_path / "catalog.sqlite"
    with closing(Database(catalog, create=True)) as database:
        for number in range(8):
            Recorder(database).record(records([number]))
        database.row("PRAGMA wal_checkpoint(RESTART)")
        Recorder(database).record(records([9]))
        assert lost_commits(catalog) == 0
        log = log_of(catalog).read_bytes()
        damaged = bytearray(log)
        damaged[32 + 24 + 100] ^= 1
        log_of(catalog).write_bytes(damaged)
        assert lost_commits(catalog) == 1
        log_of(catalog).write_bytes(log)


def test_the_loss_is_told_at_once_and_by_verify_until_it_is_acknowledged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = crashed(tmp_path, tmp_path / "copy")
    damaged = bytearray(log_of(catalog).read_bytes())
    damaged[len(damaged) // 2] ^= 8
    log_of(catalog).write_bytes(damaged)
    expected = lost_commits(catalog)
    with closing(Database(catalog, create=False)) as database:
        assert History(database).revision() == 6 - expected
        assert f"the last {expected} changes before that may be missing" in caplog.text
        assert [row[1] for row in database.rows("SELECT * FROM losses")] == [expected]
        (problem,) = problems_in(database)
        assert f"the last {expected} changes before that may be missing" in problem
        Recorder(database).acknowledge_losses()
        assert problems_in(database) == []
    caplog.clear()
    with closing(Database(catalog, create=False)) as database:
        assert caplog.text == ""
        assert problems_in(database) == []
