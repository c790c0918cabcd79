"""The event loop of a server process, which takes connections only while descriptors are left for them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from lookalike.web.patience import PatientProtocol

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

log = logging.getLogger("lookalike.connections")

_MOST = 1000
_AT_ONCE = 32  # connections taken before what came on others is read
_CLOSED_AT_ONCE = 16  # one of so many of all connections, so that a flood does not have them sorted for each
_PAUSE = 0.1  # seconds until the next look whether there is room again
_LOG_EVERY = 60.0


class LimitedLoop(asyncio.SelectorEventLoop):
    """An event loop whose listening sockets are watched by a ``Listener``.

    asyncio's own would take all connections that wait, and write a line of log for each one of them for
    which no descriptor is left, over and over.
    """

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], PatientProtocol], *, sock: socket.socket, **_: Any
    ) -> Listener:
        """Take connections from a socket that listens."""
        return Listener(self, protocol_factory, sock, most_connections())


class Listener:
    """Takes connections from a socket up to a limit.

    At the limit, those are closed that have waited longest for a request. If all have a request in work,
    no more are taken until one ends: callers wait in the system's queue meanwhile.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol_factory: Callable[[], PatientProtocol],
        sock: socket.socket,
        most: int,
    ) -> None:
        """Begin to take connections.

        Args:
            loop: that runs.
            protocol_factory: makes the protocol of one connection.
            sock: listens already.
            most: connections that may be open.
        """
        self._loop, self._factory, self._sock, self._most = loop, protocol_factory, sock, most
        self._open: set[PatientProtocol] = set()
        self._begun: set[asyncio.Task[Any]] = set()
        self._resuming: asyncio.TimerHandle | None = None
        self._told = -_LOG_EVERY
        sock.setblocking(False)
        self._resume()

    def close(self) -> None:
        """Take no more; those that are open stay."""
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None
        elif self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)

    async def wait_closed(self) -> None:
        """Return at once: nothing is left to wait for after ``close``."""

    def _resume(self) -> None:
        self._resuming = None
        self._loop.add_reader(self._sock, self._accept)

    def _pause(self) -> None:
        self._loop.remove_reader(self._sock)
        self._resuming = self._loop.call_later(_PAUSE, self._resume)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            if len(self._open) >= self._most:
                self._tell(f"{self._most} connections are open, the most that there may be")
                self._close_resting()
                if len(self._open) >= self._most:
                    self._pause()
                    return
            try:
                connection, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:  # no descriptor, or no memory
                self._tell(f"a connection could not be taken: {error.strerror}")
                self._close_resting()
                self._pause()
                return
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        protocol = self._factory()
        protocol.on_end = self._open.discard
        self._open.add(protocol)
        task = self._loop.create_task(self._loop.connect_accepted_socket(lambda: protocol, connection))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    def _close_resting(self) -> None:
        """Close those of the connections without a request that have been so for longest."""
        resting = sorted((one for one in self._open if one.resting), key=lambda one: one.since)
        for protocol in resting[: 1 + self._most // _CLOSED_AT_ONCE]:
            self._open.discard(protocol)
            protocol.transport.close()

    def _tell(self, what: str) -> None:
        """Write a line to the log, at most one a minute."""
        if self._loop.time() >= self._told + _LOG_EVERY:
            self._told = self._loop.time()
            log.warning("%s; those without a request are closed first (said once a minute at most)", what)


def most_connections() -> int:
    """Connections that one process may have: up to half of its descriptors.

    The other half is for uploads, which lie in files while they arrive, for the catalog and for decoders.
    """
    if resource is None:
        return _MOST
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if descriptors == resource.RLIM_INFINITY else max(1, min(_MOST, descriptors // 2))
