"""The SQLite file: read, and written to in transactions that last."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lookalike.errors import Busy, DamagedError, NotFoundError, UsageError
from lookalike.store.opening import open_to_change, transaction
from lookalike.store.reader import Reader

_MAY_NOT_CHANGE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""SQLite's errors where it may not write to the file or beside it."""


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
            UsageError: it was written by a newer version, or it cannot be opened.
        """
        if not create and not path.exists():
            raise NotFoundError(f"no collection at {path.parent}; make one with: lookalike index PATH")
        self._path = path
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
            UsageError: the collection can only be read.
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
        """Close the connection."""
        with self._lock:
            self._access.close()

    @contextmanager
    def damage_reported(self) -> Iterator[None]:
        """Turn SQLite's complaints into this package's errors."""
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
            return open_to_change(self._path, create=create)
        except OSError as error:
            raise self._unopened(error) from error
        except sqlite3.OperationalError as error:
            if _code(error) not in _MAY_NOT_CHANGE or not self._path.is_file():
                raise
        try:
            return Reader(self._path)
        except OSError as error:
            raise self._unopened(error) from error

    def _unopened(self, error: Exception) -> UsageError:
        return UsageError(f"the collection at {self._path.parent} cannot be opened: {error}")

    def _read_only(self) -> UsageError:
        return UsageError(f"the collection at {self._path.parent} can only be read, not changed")

    def _damaged(self, error: Exception) -> DamagedError:
        return DamagedError(f"the catalog {self._path} is damaged: {error}; restore it or index anew")


def _code(error: sqlite3.Error) -> int:
    """SQLite's kind of an error; what Python itself complains of has none, and counts as the general one."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
