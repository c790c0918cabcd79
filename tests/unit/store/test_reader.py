"""A catalog that may only be read. Root may write everywhere, so the tests mount its folder read-only."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from locked import locked as locked_view
from lookalike.errors import Busy, DamagedError, StorageError
from lookalike.store import Database, problems_in
from lookalike.store.steps_of_images import ADD_SUCCESSOR, CREATE_CATALOG
from records import path, record, records
from stores import Store

Locked = Callable[[Path], Path]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    """Makes a view of a folder through which nothing can be written; the folder itself can still change."""
    with ExitStack() as views:
        numbers = count()
        yield lambda folder: views.enter_context(locked_view(folder, tmp_path / f"view-{next(numbers)}"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds a catalog with three images, closed."""
    with closing(Database(tmp_path / "folder" / "catalog.sqlite", create=True)) as database:
        Store(database).recorder.record(records(range(3)))
    return tmp_path / "folder"


def test_all_that_reads_works_and_what_writes_is_refused(folder: Path, locked: Locked) -> None:
    with closing(Database(locked(folder) / "catalog.sqlite", create=True)) as database:
        store = Store(database)
        assert store.catalog.paths() == [path(0), path(1), path(2)]
        assert len(store.catalog.images([1, 2, 3])) == 3
        assert problems_in(database) == []
        for write in (lambda: store.recorder.record([record(9)]), lambda: store.recorder.forget([path(0)])):
            with pytest.raises(StorageError, match="can only be read, not changed"):
                write()
    assert [file.name for file in folder.iterdir()] == ["catalog.sqlite"]


def test_what_its_owner_changes_is_seen(folder: Path, locked: Locked) -> None:
    view = locked(folder)
    with closing(Database(view / "catalog.sqlite", create=False)) as database:
        reader = Store(database).catalog
        assert reader.count() == 3
        for number in (7, 8):
            with closing(Database(folder / "catalog.sqlite", create=False)) as owned:
                Store(owned).recorder.record([record(number)])
                assert reader.count() == number - 3  # while the owner has it open
            assert reader.count() == number - 3


def test_a_change_amid_reads_of_one_moment_is_told(folder: Path, locked: Locked) -> None:
    with closing(Database(locked(folder) / "catalog.sqlite", create=False)) as database:

        def read() -> None:
            with database.consistent():
                with closing(Database(folder / "catalog.sqlite", create=False)) as owned:
                    Store(owned).recorder.record([record(7)])
                database.row("SELECT count(*) FROM files")

        with pytest.raises(Busy, match="has just been changed"):
            read()
        assert Store(database).catalog.count() == 4


@pytest.mark.parametrize("kept", [("-wal",), ("-wal", "-shm")])
def test_what_a_loss_of_power_left_in_the_log_is_there(
    kept: tuple[str, ...], folder: Path, tmp_path: Path, locked: Locked
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    with closing(Database(folder / "catalog.sqlite", create=False)) as database:
        Store(database).recorder.record([record(7)])
        for suffix in ("", *kept):
            shutil.copy(folder / f"catalog.sqlite{suffix}", left)
    with closing(Database(locked(left) / "catalog.sqlite", create=False)) as database:
        assert Store(database).catalog.paths() == [path(0), path(1), path(2), path(7)]
        assert problems_in(database) == []


def test_an_older_schema_is_read_as_the_present_one(tmp_path: Path, locked: Locked) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.executescript(CREATE_CATALOG + ADD_SUCCESSOR)
        connection.executescript("PRAGMA user_version = 2; PRAGMA application_id = 0x4C4F4F4B;")
    content = (folder / "catalog.sqlite").read_bytes()
    with closing(Database(locked(folder) / "catalog.sqlite", create=False)) as database:
        assert Store(database).catalog.unwanted() == []
        with pytest.raises(StorageError, match="can only be read"):
            Store(database).recorder.record([])
    assert (folder / "catalog.sqlite").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"no database" * 100])
def test_damage_is_damage_there_too(content: bytes, folder: Path, locked: Locked) -> None:
    (folder / "catalog.sqlite").write_bytes(content)
    with pytest.raises(DamagedError, match=r"view-0/catalog\.sqlite is damaged"):
        Database(locked(folder) / "catalog.sqlite", create=True)
