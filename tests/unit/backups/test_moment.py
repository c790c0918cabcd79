"""A catalog that is copied while another thread writes to it: the copy is of one moment."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from lookalike.store import Catalog, Database, FileRecord, Recorder
from records import FINGERPRINT, record

FIRST = 2500
SMALL = bytes(10_000)  # so that the copy takes several steps


def large(number: int) -> FileRecord:
    made = record(number)
    assert made.image is not None
    return made._replace(image=made.image._replace(small=SMALL))


def test_the_copy_is_of_one_moment(tmp_path: Path) -> None:
    """Each change adds one image and one revision, so their numbers tell whether both are of one moment."""
    database = Database(tmp_path / "catalog.sqlite", create=True)
    other = Database(tmp_path / "catalog.sqlite", create=False)
    Recorder(database).claim("numbers", FINGERPRINT)
    Recorder(database).record(map(large, range(FIRST)))
    over = threading.Event()

    def write() -> None:
        number = FIRST
        while not over.is_set():
            Recorder(other).record([large(number)])
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while Catalog(database).count() < FIRST + 3:
            pass
        before = Catalog(database).count()
        database.copy_to(tmp_path / "copy.sqlite")
        after = Catalog(database).count()
    finally:
        over.set()
        thread.join()
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (images,) = copy.execute("SELECT count(*) FROM images").fetchone()
        (changes,) = copy.execute("SELECT max(number) FROM revisions").fetchone()
        (smalls,) = copy.execute("SELECT count(*) FROM sights").fetchone()
    assert (changes - 1, smalls) == (images - FIRST, images)
    assert before <= images < after
    database.close()
    other.close()
