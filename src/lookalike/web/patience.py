"""HTTP connections that are ended if the caller keeps the server waiting for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from lookalike.settings import load_settings
from lookalike.web.problems import Problem

_HEARD_OUT = 2.0  # seconds


class PatientProtocol(H11Protocol):
    """Hangs up on a caller that takes longer than ``upload_seconds`` for one of three things.

    They are: to send the head of a request, to send the rest of a body that was answered already, and to
    read what was written. An answer is written in pieces (see ``answers``), and each has its own time.
    Uvicorn itself sees to connections that rest between requests, and ``bodies`` to a body before its answer.

    Attributes:
        on_end: called with this protocol when the connection has ended.
        since: time of the event loop at which the server began to wait for what it waits for.
    """

    on_end: Callable[[PatientProtocol], None] = staticmethod(lambda _: None)
    since = 0.0
    _timer: asyncio.TimerHandle | None = None
    _awaited = ""
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock when a caller connects."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take in what came, and see what is awaited next."""
        if self._refused:
            return
        super().data_received(data)
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, or has too long a head, and take in the rest of it for a moment.

        If a connection is closed while something that came over it is unread, the kernel resets it, and the
        caller may never see the answer.
        """
        self._refused = True
        problem = Problem(
            400, f"{msg} It is no HTTP, or its head is too long.", headers={"Connection": "close"}
        )
        head = h11.Response(status_code=400, headers=problem.raw_headers, reason="Bad Request")
        for event in (head, h11.Data(data=bytes(problem.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.write_eof()
        self.loop.call_later(_HEARD_OUT, self.transport.close)

    def on_response_complete(self) -> None:
        """Begin with the next request, and see what is awaited next."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Write no more before the caller reads."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Go on: the caller reads."""
        super().resume_writing()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock when the caller is gone."""
        super().connection_lost(exc)
        self._stop()
        self.on_end(self)

    @property
    def resting(self) -> bool:
        """Whether no request has arrived that is not answered and read."""
        made = self.transport is not None
        return made and self.conn.their_state is h11.IDLE and not self.transport.get_write_buffer_size()

    def _waits_for(self) -> str:
        """What the caller keeps the server waiting for; empty if the server has work to do itself."""
        answered = self.cycle is not None and self.cycle.response_complete
        if self.transport.get_write_buffer_size():
            if answered or self.flow.write_paused or self.transport.is_closing():
                return "reader"
        elif self.conn.their_state is h11.IDLE:
            return "head"
        return "rest" if answered and self.conn.their_state is h11.SEND_BODY else ""

    def _watch(self) -> None:
        awaited = self._waits_for()
        if awaited != self._awaited:
            self._stop()
            self._awaited, self.since = awaited, self.loop.time()
            if awaited:
                self._timer = self.loop.call_later(_seconds(), self._out_of_time)

    def _out_of_time(self) -> None:
        """Hang up, unless what was awaited came without notice: nobody tells when a short answer was read."""
        if self._waits_for() == self._awaited:
            self.transport.abort()  # unlike `close`, this does not wait for what nobody reads
        else:
            self._watch()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@cache
def _seconds() -> float:
    return load_settings().upload_seconds
