"""The SQLite file: read, and written to in transactions that last."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lookalike.errors import RESTORE, Busy, DamagedError, NotFoundError, StorageError, UsageError
from lookalike.store.access import Access, opened, unopened
from lookalike.store.opening import transaction

_REFUSALS = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM)
"""SQLite's other errors where the system refuses: a disk that fails, no permission, no memory."""

_PAGES_AT_ONCE = 1024  # 16 MiB


class Database:
    """Two connections, one to read and one to write, safe to use from many threads.

    Other processes have their own. Write-ahead logging lets readers go on while somebody writes or waits to
    write, and ``synchronous=FULL`` makes a committed transaction survive a loss of power. Where the folder
    cannot be written to, all that only reads works as ever. If another file takes the catalog's name, as when
    a backup is put back, that one is opened before the next query.
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
            raise unopened(path, error) from error
        if not create and not there:
            raise NotFoundError(f"no collection at {path.parent}; make one with: lookalike index PATH")
        self._writer: int | None = None
        with self.damage_reported():
            self._to_change = Access(path, opened(path, create=create))
            self._to_read = self._to_change.beside()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._reading() as connection:
            return connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query."""
        with self._reading() as connection:
            found: tuple[Any, ...] | None = connection.execute(sql, values).fetchone()
            return found

    def number(self, sql: str, *values: Any) -> int:
        """The first number in the first row of a query; 0 if there is no row, or NULL in it."""
        row = self.row(sql, *values)
        return int(row[0] or 0) if row else 0

    @contextmanager
    def atomic(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """A writing transaction: all of it lasts, or none of it happened.

        Inside another one of the same thread it is a part of that.

        Args:
            wait: for other threads and processes that write, the latter for up to a minute.

        Raises:
            StorageError: the collection can only be read.
            Busy: another process writes for too long, or somebody writes at all and ``wait`` is false.
        """
        with self.damage_reported(), self._to_change.held(wait=wait):
            if self._to_change.read_only:
                raise self._read_only()
            with self._to_change.steady() as connection:
                if self._changing():
                    yield connection
                    return
                with transaction(connection, wait=wait):
                    self._writer = threading.get_ident()
                    try:
                        yield connection
                    finally:
                        self._writer = None

    @contextmanager
    def consistent(self) -> Iterator[None]:
        """Several reads that see the same moment, whatever other threads and processes write."""
        with self._reading() as connection:
            if self._changing():
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    def copy_to(self, target: Path) -> None:
        """Copy the catalog as it is at one moment into a new file, while others go on writing.

        It is SQLite's online backup, some pages at a time, so that Ctrl-C need not wait for all of it. Inside
        a transaction it never begins anew, however much is written meanwhile.

        Raises:
            OSError: there is no room for the copy.
        """
        with self.consistent(), closing(sqlite3.connect(target)) as copy:
            self.row("SELECT 1 FROM facts")  # the moment: a transaction begins with its first read
            with self._reading() as connection:
                try:
                    connection.backup(copy, pages=_PAGES_AT_ONCE)
                except sqlite3.OperationalError as error:
                    if _code(error) == sqlite3.SQLITE_FULL:  # of the copy: of the catalog it only reads
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
                    raise

    def close(self) -> None:
        """Close the connection; whatever is asked of it after that is refused."""
        self.closed = True
        self._to_read.close()
        self._to_change.close()

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
                raise unopened(self._path, error) from error
            if code == sqlite3.SQLITE_ERROR:  # a table is missing
                raise self._damaged(error) from error
            if code == sqlite3.SQLITE_FULL or _kind(error) == sqlite3.SQLITE_IOERR_SHMSIZE:
                raise StorageError(f"no room is left for {self._path}; make room on its disk") from error
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
        access = self._to_change if self._changing() else self._to_read
        with self.damage_reported(), access.held(), access.steady() as connection:
            yield connection

    def _changing(self) -> bool:
        """Whether this thread is inside ``atomic``, so that it must see what it has written so far."""
        return self._writer == threading.get_ident()

    def _read_only(self) -> StorageError:
        return StorageError(f"the collection at {self._path.parent} can only be read, not changed")

    def _damaged(self, error: Exception) -> DamagedError:
        return DamagedError(f"the catalog {self._path} is damaged ({error}); {RESTORE}")


def _code(error: sqlite3.Error) -> int:
    """SQLite's kind of an error, without what more it says."""
    return _kind(error) & 0xFF


def _kind(error: sqlite3.Error) -> int:
    """SQLite's kind of an error; what Python itself complains of has none, and counts as the general one.

    One kind is ``SQLITE_IOERR_SHMSIZE``: the file that readers share with writers has no room on the disk.
    """
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
