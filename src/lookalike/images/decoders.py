"""Decoding in child processes, which can be ended if a hostile picture takes too much time or memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Condition, Lock, Thread
from typing import Self

from lookalike.errors import StorageError, UsageError
from lookalike.images.decode import Decoded
from lookalike.images.files import too_many_bytes
from lookalike.images.worker import Gone, Worker, ending
from lookalike.settings import Limits

_TICK = 0.1  # seconds between two looks at the clock while something is decoded
_ATTEMPTS = 3

SPARE = 4
"""Processes beyond one per core, so that a few pictures that take long do not keep all others waiting."""

_PUT_BACK: ContextVar[bool] = ContextVar("put_back", default=False)


@contextmanager
def large_ones_put_back() -> Iterator[None]:
    """Within the block and its thread, all ``Decoders`` put large pictures back, which raises ``PutBack``.

    How large a picture is, is known after a process has read its header. So others need not wait for it: its
    caller asks again later, outside of such a block.
    """
    before = _PUT_BACK.set(True)
    try:
        yield
    finally:
        _PUT_BACK.reset(before)


class Decoders:
    """A small pool of processes that decode; safe to use from many threads.

    A process is started when a picture finds none that rests. It stays, unless a picture left much memory
    behind or took long while others had to be answered. A picture that takes more than ``decode_seconds``
    ends its process and is refused.

    >>> with Decoders(4) as decoders:  # doctest: +SKIP
    ...     decoders.decode(data, limits=Limits()).image
    """

    def __init__(self, most: int, *, give_way: bool = False) -> None:
        """Start nothing yet.

        Args:
            most: pictures that are decoded at the same time.
            give_way: whether a picture that takes more than 0.3 s of processor time goes on at low priority,
                so that whatever else this program has to answer comes first.

        Raises:
            UsageError: ``most`` is below 1.
        """
        if most < 1:
            raise UsageError(f"there must be 1 decoder or more, not {most}")
        self._places, self._inside, self._give_way = most, 0, give_way
        self._resting: list[Worker] = []
        self._busy: list[Worker] = []
        self._closed = False
        lock = Lock()
        self._changed = Condition(lock)  # for those that wait for a place, and for `close`
        self._begun = Condition(lock)  # for the watcher, while it has nothing to watch
        self._watcher: Thread | None = None
        self._dozing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decode(self, data: bytes, *, limits: Limits, at_least: int | None = None) -> Decoded:
        """Decode an image, as ``images.decode`` does, once a process is free.

        Raises:
            PutBack: the image is large, and this is called within ``large_ones_put_back``.
            ImageError: as ``images.decode``; or it took more than ``limits.decode_seconds``, or more memory
                than those have whose pixels are allowed.
            UsageError: ``at_least`` is below 1.
            Busy: ``close`` was called.
            StorageError: the machine cannot start a process.
        """
        if len(data) > limits.file_bytes:
            raise too_many_bytes(len(data), limits)
        with self._changed:
            self._changed.wait_for(lambda: self._inside < self._places or self._closed)
            self._inside += 1
        try:
            for _ in range(_ATTEMPTS):
                worker = self._begin()
                try:
                    return worker.decode(data, limits, at_least, put_back=_PUT_BACK.get())
                except Gone:
                    continue
                finally:
                    self._finish(worker)
            raise StorageError("no process that decodes can be started: it ends at once")
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """End all processes at once: who waits for one gets a ``Busy``, now and later."""
        with self._changed:
            self._closed = True
            for worker in self._busy:
                worker.end()
            self._changed.notify_all()
            self._begun.notify()
            self._changed.wait_for(lambda: not self._inside)
            resting, self._resting = self._resting, []
            watcher, self._watcher = self._watcher, None
        for worker in resting:
            worker.close()
        if watcher is not None:
            watcher.join()

    def _begin(self) -> Worker:
        """A process for a picture, started now if none rests.

        Raises:
            Busy: ``close`` was called.
        """
        worker = self._rested()
        with self._changed:
            if not self._closed:
                self._busy.append(worker)
                if self._watcher is None:
                    self._watcher = Thread(target=self._watch, name="decoders", daemon=True)
                    self._watcher.start()
                if self._dozing:
                    self._begun.notify()
                return worker
        worker.close()
        raise ending()

    def _rested(self) -> Worker:
        while True:
            with self._changed:
                if self._closed:
                    raise ending()
                worker = self._resting.pop() if self._resting else None
            if worker is None:
                return Worker()
            if worker.alive:
                return worker
            worker.close()

    def _finish(self, worker: Worker) -> None:
        with self._changed:
            self._busy.remove(worker)
            if worker.resting and not self._closed:
                self._resting.append(worker)
                return
        worker.close()

    def _watch(self) -> None:
        """Look at the clock as long as something is decoded, on a thread of its own."""
        with self._changed:
            while not self._closed:
                for worker in self._busy:
                    worker.watch(give_way=self._give_way)
                self._dozing = not self._busy
                self._begun.wait(None if self._dozing else _TICK)
