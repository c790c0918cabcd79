"""A catalog that may only be read: on read-only media, or in another user's folder."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lookalike.errors import Busy, StorageError
from lookalike.store.log import log_of
from lookalike.store.migrations import MIGRATIONS
from lookalike.store.opening import connect, open_to_change, recognise, refuse_newer, version_of


class Reader:
    """Gives out a connection to a catalog as it is now, and opens it again after its owner changed it.

    SQLite wants to write beside a catalog even to read it. Where it may not, there are three ways:

    - Its owner has it open, or left all of SQLite's files behind: SQLite reads along.
    - The catalog lies alone: it is declared immutable, and this class watches whether that stays true.
    - A log without SQLite's index of it was left behind, as after a loss of power, or the schema is an older
      one: a temporary copy is opened, and put in order there.
    """

    def __init__(self, path: Path) -> None:
        """Open a catalog.

        Raises:
            DamagedError: it is not a catalog of this program, or an empty one.
            UsageError: it was written by a newer version.
            StorageError: it cannot be read.
            sqlite3.Error: SQLite cannot read it.
        """
        self._path, self._log = path, log_of(path)
        self._copy: TemporaryDirectory[str] | None = None
        self._connection = self._opened()

    @contextmanager
    def steady(self) -> Iterator[sqlite3.Connection]:
        """A connection whose file does not change while it is used.

        Raises:
            Busy: the catalog was changed meanwhile.
        """
        if self._connection.in_transaction:  # begun by whoever called, who is watched already
            yield self._connection
            return
        if self._changed():
            self.close()
            self._connection = self._opened()
        yield self._connection
        if self._changed():
            raise Busy(f"the catalog {self._path} has just been changed; run the same command again")

    def close(self) -> None:
        """Close the connection, and delete the copy if there is one."""
        self._connection.close()
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None

    def _opened(self) -> sqlite3.Connection:
        self._seen = [_stamp(place) for place in (self._path, self._log)]
        log = self._seen[1]
        # Where there is a log, SQLite must read it, and would not if the catalog were immutable.
        for options in ("mode=ro",) if log and log[0] else ("mode=ro", "immutable=1"):
            connection = connect(self._path, options)
            try:
                recognise(connection, self._path, create=False)
                version = version_of(connection)
                refuse_newer(version, self._path)
            except sqlite3.OperationalError:
                connection.close()
                continue
            except BaseException:
                connection.close()
                raise
            if version == len(MIGRATIONS):
                self._watched = options != "mode=ro"
                return connection
            connection.close()
        self._watched = True
        return self._opened_copy()

    def _opened_copy(self) -> sqlite3.Connection:
        self._copy = TemporaryDirectory(prefix="lookalike-")
        copy = Path(self._copy.name) / self._path.name
        try:
            shutil.copyfile(self._path, copy)
            if self._seen[1]:
                shutil.copyfile(self._log, log_of(copy))
            return open_to_change(copy, create=False)
        except BaseException as error:
            self._copy.cleanup()
            if isinstance(error, OSError):
                place = self._path.parent
                raise StorageError(f"the collection at {place} cannot be read: {error}") from error
            raise

    def _changed(self) -> bool:
        now = [_stamp(place) for place in (self._path, self._log)]
        if self._watched:
            return self._seen != now
        return now[0] is not None and self._seen[0] is not None and now[0][2] != self._seen[0][2]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells that a file has changed, its size first; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
