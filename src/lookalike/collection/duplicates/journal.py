"""Journal: what was done to people's files, written down before it is done, so that it can be taken back.

The journal is the file ``duplicates.jsonl`` in the collection's folder: one JSON object per line, only ever
appended to. A step is written and synced to the disk before its file is touched, and marked when it is over:

``intended``  the file may have been touched; a process that was killed leaves steps so, see ``settling``
``done``      it was
``void``      it was not: the system refused, or the process ended before
``undone``    the step was taken back
``stuck``     it could not be taken back when that was tried; it can be tried again by the action's name

A path is a string; a byte that is not UTF-8 is a lone surrogate, as ``os.fsdecode`` gives it.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, get_args

from lookalike.collection.duplicates.step import Step
from lookalike.disk import sync_folder
from lookalike.errors import Busy, DamagedError, StorageError, UsageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

State = Literal["intended", "done", "void", "undone", "stuck"]

_NAME = "duplicates.jsonl"
_VERSION = 2  # 1 knew no step that is stuck


class Journal:
    """The steps of a collection, and the right to add to them; see ``opened`` and ``read``."""

    def __init__(self, path: Path, handle: int | None) -> None:
        """Use ``opened`` or ``read`` instead."""
        self._path, self._handle = path, handle
        self._steps: dict[tuple[str, int], Step] = {}
        self._states: dict[tuple[str, int], State] = {}
        data = path.read_bytes() if path.exists() else b""
        for number, line in enumerate(data.split(b"\n"), 1):
            self._take(line, number)
        if handle is not None and data and not data.endswith(b"\n"):
            self._append(b"\n")  # the process that wrote the last line was killed meanwhile

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Open the journal of a collection to act; until it is closed, no other process can.

        Two processes that act at once could each remove the file that the other keeps.

        Raises:
            Busy: another process acts on files right now.
            StorageError: the journal cannot be written or read.
            DamagedError: a line is JSON, but no step.
            UsageError: it was written by a newer version of this program.
        """
        path = folder / _NAME
        handle = None
        try:
            new = not path.exists()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)
            _lock(handle)
            if new:
                sync_folder(folder)
            journal = cls(path, handle)
        except OSError as error:
            if handle is not None:
                os.close(handle)
            raise _failed(path, error) from error
        try:
            yield journal
        finally:
            os.close(handle)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the journal of a collection without a right to add to it; it may be empty.

        Raises:
            StorageError: it cannot be read.
            DamagedError: a line is JSON, but no step.
            UsageError: it was written by a newer version of this program.
        """
        try:
            return cls(folder / _NAME, None)
        except OSError as error:
            raise StorageError(f"the journal {folder / _NAME} cannot be read: {error.strerror}") from error

    def new_run(self) -> str:
        """A name for an action that begins now."""
        name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        taken = {run for run, _ in self._steps}
        names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
        return next(free for free in names if free not in taken)

    def intend(self, step: Step) -> None:
        """Write a step down, and return when it is on the disk.

        Raises:
            StorageError: it cannot be written; then the file must not be touched.
        """
        self._write({**step.to_json(), "state": "intended"})
        try:
            os.fsync(self._writable())
        except OSError as error:
            raise _failed(self._path, error) from error
        self._steps[step.run, step.number] = step
        self._states[step.run, step.number] = "intended"

    def mark(self, step: Step, state: State) -> None:
        """Say how a step ended.

        This need not be on the disk at once: ``settling`` would find it out again from the files.

        Raises:
            StorageError: it cannot be written.
        """
        self._write({"run": step.run, "number": step.number, "state": state})
        self._states[step.run, step.number] = state

    def steps(self, state: State, run: str | None = None) -> list[Step]:
        """Steps in some state, of one action or of all, in the order in which they were taken."""
        return [
            step
            for key, step in self._steps.items()
            if self._states[key] == state and run in (None, step.run)
        ]

    def runs(self) -> list[str]:
        """Names of the actions of which something is not taken back, the oldest first."""
        return self._runs_with("done", "intended", "stuck")

    def untried(self) -> list[str]:
        """Names of the actions of which something was never tried to be taken back, the oldest first."""
        return self._runs_with("done", "intended")

    def knows(self, run: str) -> bool:
        """Whether there was an action of this name, taken back or not."""
        return any(run == name for name, _ in self._steps)

    def _runs_with(self, *states: State) -> list[str]:
        left = {step.run for state in states for step in self.steps(state)}
        return [run for run in dict.fromkeys(run for run, _ in self._steps) if run in left]

    def _take(self, line: bytes, number: int) -> None:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return  # empty, or cut short by the end of a process before its file was touched
        try:
            version, state = record.pop("v"), record.pop("state")
            if isinstance(version, int) and version > _VERSION:
                raise UsageError(f"the journal {self._path} was written by a newer version of this program")
            key = record["run"], record["number"]
            if state == "intended":
                self._steps[key] = Step.from_json(record)
            elif key not in self._steps or state not in get_args(State):
                raise ValueError("no state of a step")
        except UsageError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DamagedError(f"line {number} of the journal {self._path} is no step; repair it") from error
        self._states[key] = state

    def _write(self, record: dict[str, Any]) -> None:
        self._append(json.dumps({"v": _VERSION, **record}).encode() + b"\n")

    def _append(self, data: bytes) -> None:
        try:
            written = os.write(self._writable(), data)
        except OSError as error:
            raise _failed(self._path, error) from error
        if written != len(data):
            raise _failed(self._path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _writable(self) -> int:
        if self._handle is None:
            raise UsageError("this journal was opened to be read only")
        return self._handle


def _failed(path: Path, error: OSError) -> Busy | StorageError:
    if isinstance(error, BlockingIOError):
        return Busy("another process is acting on duplicates right now; run the same command again later")
    return StorageError(f"the journal {path} cannot be written: {error.strerror}")


def _lock(handle: int) -> None:
    """Take the right to act, until the file is closed.

    Raises:
        BlockingIOError: another process has it.
    """
    if sys.platform == "win32":
        try:
            os.lseek(handle, 1 << 40, os.SEEK_SET)  # a byte that nobody reads
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from error
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
