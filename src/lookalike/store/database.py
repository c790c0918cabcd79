"""The SQLite file: opened, migrated, and written to in transactions that last."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lookalike.disk import is_gone, is_refusal
from lookalike.errors import Busy, DamagedError, NotFoundError, StorageError, UsageError
from lookalike.store.migrations import MIGRATIONS

_APPLICATION_ID = 0x4C4F4F4B  # "LOOK"
_WAIT_FOR_WRITER = 60.0  # seconds; another process' transactions are short
_PRIMARY = 0xFF  # bits of SQLite's error codes that name the kind of an error, without its details
_REFUSALS = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
)
_PAGE_BYTES = 16384  # seven 2 kB vectors fit; in SQLite's default page there is room for one


class Database:
    """One connection, safe to use from many threads; other processes have their own.

    Write-ahead logging lets readers go on while one process writes, and ``synchronous=FULL`` makes a
    committed transaction survive a loss of power.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open the file and bring its schema up to date.

        Raises:
            NotFoundError: it does not exist and ``create`` is false.
            DamagedError: it is not a catalog of this program.
            UsageError: it was written by a newer version, or its place cannot hold a folder.
            StorageError: it may not be opened or written to, or there is no room for it.
        """
        if not create and is_gone(path):
            raise NotFoundError(f"no collection at {path.parent}; make one with: lookalike index PATH")
        self._path = path
        self._lock = threading.RLock()
        self.closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=_WAIT_FOR_WRITER, isolation_level=None, check_same_thread=False
            )
        except (OSError, ValueError, sqlite3.OperationalError) as error:
            # SQLite does not say why it cannot open a file.
            refused = is_refusal(error) if isinstance(error, OSError) else not path.is_dir()
            kind = StorageError if refused and not isinstance(error, ValueError) else UsageError
            raise kind(f"the collection at {path.parent} cannot be opened: {error}") from error
        try:
            with self.damage_reported():
                self._refuse_foreign()
                self._connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                self._write_ahead()
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._migrate()
        except BaseException:
            self._connection.close()
            raise

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self.damage_reported():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query."""
        with self._lock, self.damage_reported():
            found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
            return found

    @contextmanager
    def atomic(self) -> Iterator[sqlite3.Connection]:
        """A writing transaction: all of it lasts, or none of it happened."""
        with self._lock, self.damage_reported():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite has ended it itself if the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def consistent(self) -> Iterator[None]:
        """Several reads that see the same moment, whatever other processes write."""
        with self._lock, self.damage_reported():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; whatever is asked of it after that is refused."""
        with self._lock:
            self.closed = True
            self._connection.close()

    @contextmanager
    def damage_reported(self) -> Iterator[None]:
        """Turn SQLite's complaints into this package's errors, and refuse to use a closed connection.

        Raises:
            UsageError: it is closed.
            StorageError: the system does not let SQLite read or write, or there is no room.
            Busy: another process writes for too long.
            DamagedError: the file does not hold what it should.
        """
        if self.closed:
            raise UsageError(f"the collection at {self._path.parent} is closed; open it again")
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY in _REFUSALS:
                raise StorageError(f"the catalog {self._path} cannot be used: {error}") from error
            raise Busy(f"the catalog {self._path} cannot be used now: {error}") from error
        # SQLite's complaint can quote the damage, which is then no text.
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if isinstance(error, sqlite3.ProgrammingError):
                raise
            raise DamagedError(
                f"the catalog {self._path} is damaged: {error}; restore it or index anew"
            ) from error

    def _write_ahead(self) -> None:
        """Switch to write-ahead logging; the one step at which SQLite does not wait for other processes."""
        deadline = time.monotonic() + _WAIT_FOR_WRITER
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _migrate(self) -> None:
        version = self._version()
        if version > len(MIGRATIONS):
            raise UsageError(f"the catalog {self._path} was written by a newer version; upgrade lookalike")
        while version < len(MIGRATIONS):
            with self.atomic() as connection:
                version = self._version()  # another process may have migrated while this one waited
                if version < len(MIGRATIONS):
                    for statement in _statements(MIGRATIONS[version]):
                        connection.execute(statement)
                    version += 1
                    connection.execute(f"PRAGMA user_version = {version}")
                    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")

    def _refuse_foreign(self) -> None:
        """Look, before anything is written, whether another program's tables are in the file."""
        # In this order: a process that makes the catalog right now commits tables and id together.
        tables = self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        if tables and self._connection.execute("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
            raise DamagedError(f"{self._path} is a SQLite file, but not a catalog of this program")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Split a script, since ``executescript`` would commit the transaction that it should be part of."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
