"""The SQLite file: read, and written to in transactions that last."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lookalike.disk import is_refusal
from lookalike.errors import Busy, DamagedError, LookalikeError, NotFoundError, StorageError, UsageError
from lookalike.store.log import lost_commits, note_loss
from lookalike.store.opening import open_to_change, transaction
from lookalike.store.reader import Reader

_MAY_NOT_CHANGE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""SQLite's errors where it may not write to the file or beside it."""

_REFUSALS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM)
"""SQLite's other errors where the system refuses: no room, a disk that fails, no memory."""


class Database:
    """One connection, safe to use from many threads; other processes have their own.

    Write-ahead logging lets readers go on while one process writes, and ``synchronous=FULL`` makes a
    committed transaction survive a loss of power. Where the folder cannot be written to, all that only reads
    works as ever.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open the file and bring its schema up to date.

        Raises:
            NotFoundError: it does not exist and ``create`` is false.
            DamagedError: it is not a catalog of this program, or an empty one.
            UsageError: it was written by a newer version, or its place cannot hold a collection.
            StorageError: the system does not let it be opened, or there is no room for it.
        """
        self._path = path
        self.closed = False
        try:
            there = path.exists()
        except OSError as error:  # in a folder that may not be entered
            raise self._unopened(error) from error
        if not create and not there:
            raise NotFoundError(f"no collection at {path.parent}; make one with: lookalike index PATH")
        self._lock = threading.RLock()
        with self.damage_reported():
            self._access = self._opened(create=create)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._reading() as connection:
            return connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query."""
        with self._reading() as connection:
            found: tuple[Any, ...] | None = connection.execute(sql, values).fetchone()
            return found

    @contextmanager
    def atomic(self) -> Iterator[sqlite3.Connection]:
        """A writing transaction: all of it lasts, or none of it happened.

        Raises:
            StorageError: the collection can only be read.
        """
        with self._lock, self.damage_reported():
            if isinstance(self._access, Reader):
                raise self._read_only()
            with transaction(self._access):
                yield self._access

    @contextmanager
    def consistent(self) -> Iterator[None]:
        """Several reads that see the same moment, whatever other processes write."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; whatever is asked of it after that is refused."""
        with self._lock:
            self.closed = True
            self._access.close()

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
            code = _code(error)
            if code == sqlite3.SQLITE_READONLY:
                raise self._read_only() from error
            if code == sqlite3.SQLITE_CANTOPEN:
                raise self._unopened(error) from error
            if code == sqlite3.SQLITE_ERROR:  # a table is missing
                raise self._damaged(error) from error
            if code in _REFUSALS:
                raise StorageError(f"the catalog {self._path} cannot be used: {error}") from error
            raise Busy(f"the catalog {self._path} cannot be used now: {error}") from error
        # SQLite's complaint can quote the damage, which is then no text.
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if isinstance(error, sqlite3.ProgrammingError):
                raise
            raise self._damaged(error) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self.damage_reported():
            if isinstance(self._access, Reader):
                with self._access.steady() as connection:
                    yield connection
            else:
                yield self._access

    def _opened(self, *, create: bool) -> sqlite3.Connection | Reader:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            there = self._path.is_file()
            lost = lost_commits(self._path)
            connection = open_to_change(self._path, create=create)
            if lost:
                note_loss(connection, self._path, lost)
            return connection
        except LookalikeError:  # a UsageError is a ValueError, too
            raise
        except (OSError, ValueError) as error:
            raise self._unopened(error) from error
        except sqlite3.OperationalError as error:
            if _code(error) not in _MAY_NOT_CHANGE or not there:
                raise
        return Reader(self._path)

    def _unopened(self, error: Exception) -> LookalikeError:
        refused = isinstance(error, OSError) and is_refusal(error)
        if isinstance(error, sqlite3.Error):  # which does not say why
            refused = not self._path.is_dir()
        kind = StorageError if refused else UsageError
        return kind(f"the collection at {self._path.parent} cannot be opened: {error}")

    def _read_only(self) -> StorageError:
        return StorageError(f"the collection at {self._path.parent} can only be read, not changed")

    def _damaged(self, error: Exception) -> DamagedError:
        return DamagedError(f"the catalog {self._path} is damaged: {error}; restore it or index anew")


def _code(error: sqlite3.Error) -> int:
    """SQLite's kind of an error; what Python itself complains of has none, and counts as the general one."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
