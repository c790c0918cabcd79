"""A connection to the catalog that is opened anew if another file takes the catalog's name."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.disk import identity_at, is_refusal
from lookalike.errors import Busy, LookalikeError, StorageError, UsageError, reason_of
from lookalike.store.log import forget_log, log_of, lost_commits, note_loss
from lookalike.store.opening import connect, open_to_change
from lookalike.store.reader import Reader

_MAY_NOT_CHANGE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""SQLite's errors where it may not write to the file or beside it."""


class Access:
    """One connection for one thread at a time, which may take it again within its own use of it."""

    def __init__(self, path: Path, opened: sqlite3.Connection | Reader) -> None:
        """Take over a connection.

        Args:
            path: the catalog's file.
            opened: to that file, as it is now.
        """
        self._path, self._opened, self._lock = path, opened, threading.RLock()
        self._file = identity_at(path, follow_links=True)
        self._log = identity_at(log_of(path), follow_links=True)

    @property
    def read_only(self) -> bool:
        """Whether the catalog can only be read."""
        return isinstance(self._opened, Reader)

    def beside(self) -> Access:
        """A second access to the same file, for reading while this one writes; itself if it only reads."""
        if self.read_only:
            return self
        connection = connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        return Access(self._path, connection)

    @contextmanager
    def held(self, *, wait: bool = True) -> Iterator[None]:
        """Keep all other threads from the connection, and make sure that it leads to the present file.

        Raises:
            Busy: another thread has it, and ``wait`` is false.
        """
        if not self._lock.acquire(blocking=wait):
            raise Busy(f"the catalog {self._path} is being changed")
        try:
            self._follow()
            yield
        finally:
            self._lock.release()

    @contextmanager
    def steady(self) -> Iterator[sqlite3.Connection]:
        """The connection, whose file does not change while it is used; to be called while it is held."""
        if isinstance(self._opened, Reader):
            with self._opened.steady() as connection:
                yield connection
        else:
            yield self._opened

    def close(self) -> None:
        """Close the connection as soon as no other thread uses it."""
        with self._lock:
            self._opened.close()

    def _follow(self) -> None:
        """Open the catalog anew if another file has taken its place; a ``Reader`` looks by itself."""
        if isinstance(self._opened, Reader) or self._opened.in_transaction:
            return
        now = identity_at(self._path, follow_links=True)
        if now is None or now == self._file:
            return
        # The log that belongs to the former file must not be taken for that of the new one.
        if self._log is not None and identity_at(log_of(self._path), follow_links=True) == self._log:
            try:
                forget_log(self._path)
            except OSError as error:
                raise unopened(self._path, error) from error
        former, self._opened = self._opened, opened(self._path, create=False)
        self._file, self._log = now, identity_at(log_of(self._path), follow_links=True)
        former.close()


def opened(path: Path, *, create: bool) -> sqlite3.Connection | Reader:
    """Open a catalog and bring its schema up to date, or open it for reading where it cannot be changed.

    Args:
        path: the catalog's file.
        create: make it if it is not there.

    Raises:
        LookalikeError: see ``Database``.
        sqlite3.Error: SQLite cannot read it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.is_file()
        lost = lost_commits(path)
        connection = open_to_change(path, create=create)
        if lost:
            note_loss(connection, path, lost)
        return connection
    except LookalikeError:  # a UsageError is a ValueError, too
        raise
    except (OSError, ValueError) as error:
        raise unopened(path, error) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _MAY_NOT_CHANGE or not there:
            raise
    return Reader(path)


def unopened(path: Path, error: Exception) -> LookalikeError:
    """The error that says why a catalog cannot be opened: the place is wrong, or the system refuses."""
    refused = isinstance(error, OSError) and is_refusal(error)
    if isinstance(error, sqlite3.Error):  # which does not say why
        refused = not path.is_dir()
    kind = StorageError if refused else UsageError
    in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
    reason = "something that is no folder is in the way" if in_the_way else reason_of(error)
    return kind(f"the collection at {path.parent} cannot be opened: {reason}")
