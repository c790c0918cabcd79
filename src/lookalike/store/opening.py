"""A catalog's file made ready for a connection: recognised, switched to write-ahead logging, migrated."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.errors import DamagedError, UsageError
from lookalike.store.encoding import checksum_of
from lookalike.store.migrations import MIGRATIONS

_APPLICATION_ID = 0x4C4F4F4B  # "LOOK"
_WAIT_FOR_WRITER = 60.0  # seconds; another process' transactions are short
_WAIT_FOR_MAKER = 2.0  # seconds; another process may be making the catalog right now
_PAGE_BYTES = 16384  # seven 2 kB vectors fit; in SQLite's default page there is room for one


def connect(path: Path, options: str = "") -> sqlite3.Connection:
    """A connection without implicit transactions, for any thread; its SQL knows ``checksum_of``.

    Args:
        path: the file.
        options: of SQLite's URI, such as ``mode=ro``; if none, the file may be made and changed.
    """
    place = f"{path.absolute().as_uri()}?{options}" if options else path
    connection = sqlite3.connect(
        place, timeout=_WAIT_FOR_WRITER, isolation_level=None, check_same_thread=False, uri=bool(options)
    )
    connection.create_function("checksum_of", -1, checksum_of, deterministic=True)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def open_to_change(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open a catalog and bring its schema up to date.

    Raises:
        DamagedError: it is not a catalog of this program, or it lost everything that it held.
        UsageError: it was written by a newer version.
        sqlite3.Error: SQLite cannot open or change it.
    """
    fresh = create and not path.exists()
    connection = connect(path)
    try:
        if not fresh:
            recognise(connection, path, create=create)
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def recognise(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    """Make sure, before anything is written, that a file that was there holds a catalog of this program.

    A file without tables was cut off, unless ``create`` is set and nothing else lies in the folder: then a
    process was stopped while it made the catalog.

    Raises:
        DamagedError: it holds another program's tables, or none.
    """
    # In this order: a process that makes the catalog right now commits tables and id together.
    if _has_tables(connection):
        if connection.execute("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
            raise DamagedError(f"{path} is a SQLite file, but not a catalog of this program")
    elif not (create and all(other.name.startswith(path.name) for other in path.parent.iterdir())):
        deadline = time.monotonic() + _WAIT_FOR_MAKER
        while not _has_tables(connection):
            if time.monotonic() > deadline:
                raise DamagedError(
                    f"the catalog {path} is damaged: it is empty; "
                    "restore it, or delete this file and index anew"
                )
            time.sleep(0.02)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations have run."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection, *, wait: bool = True) -> Iterator[None]:
    """A writing transaction: all of it lasts, or none of it happened.

    Raises:
        sqlite3.OperationalError: another connection writes: for too long, or at all if ``wait`` is false.
    """
    if not wait:
        connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        if not wait:
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * _WAIT_FOR_WRITER)}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has ended it itself if the disk is full
            connection.execute("ROLLBACK")
        raise


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; the one step at which SQLite does not wait for other processes."""
    deadline = time.monotonic() + _WAIT_FOR_WRITER
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the steps that are due.

    In a catalog that holds something each lasts once it has run. A new one takes all of them together: to
    wait for the disk after each would take longer than the rest.
    """
    version = version_of(connection)
    refuse_newer(version, path)
    while version < len(MIGRATIONS):
        with transaction(connection):
            version = version_of(connection)  # another process may have migrated while this one waited
            due = MIGRATIONS[version : version + 1] if version else MIGRATIONS
            for step in due:
                for statement in _statements(step):
                    connection.execute(statement)
            version += len(due)
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")


def refuse_newer(version: int, path: Path) -> None:
    """Refuse a catalog in which a migration has run that this program does not know.

    Raises:
        UsageError: it has.
    """
    if version > len(MIGRATIONS):
        raise UsageError(f"the catalog {path} was written by a newer version; upgrade lookalike")


def _statements(script: str) -> Iterator[str]:
    """Split a script, since ``executescript`` would commit the transaction that it should be part of."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
