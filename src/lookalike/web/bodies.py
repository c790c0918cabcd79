"""Request bodies: bounded in length, and in the time that they take to arrive."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.errors import Busy, ImageTooLarge, LookalikeError
from lookalike.web.admission import PATIENCE, Admission, Patience
from lookalike.web.metrics import Metrics
from lookalike.web.problems import problem_of

_ARRIVING = 4  # bodies that may be arriving, as a multiple of the pictures that may be in work
_GRACE = 0.2  # seconds that a body may take to arrive even if others wait for its place
_DRIPPING = 1 << 16  # bytes per second: a slower body is given up if others wait for its place
_HELD = 4  # bytes of bodies that may be held, as a multiple of the longest body
_SMALL = 1 << 20  # bytes that each body may have in any case: the number of bodies bounds their sum
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_DROPPED = 4  # times the limit: so long a body is read to its end and dropped, so that its sender hears why


class Bodies:
    """Wraps an app: refuses requests that are too long, too slow, or too many, before they are read.

    The bytes of all bodies that were read and are not answered yet are bounded too, at four times the longest
    body; a body of up to 1 MiB is always read. If too many bodies are arriving, the slowest of them is given
    up for a new one if it drips, so that those who do so on purpose do not keep others out.
    """

    def __init__(
        self, app: ASGIApp, admission: Admission, metrics: Metrics, most: int, seconds: float
    ) -> None:
        """Set the limits.

        Args:
            app: what to wrap.
            admission: says whether there is room for more work.
            metrics: counts the requests that there is no room for.
            most: longest body, bytes.
            seconds: the whole time that a body may take.
        """
        self._app, self._admission, self._metrics = app, admission, metrics
        self._most, self._seconds = most, seconds
        self._arriving: set[_Body] = set()
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch its body as it arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        declared = int(length) if length.isdigit() else 0
        endless = "transfer-encoding" in headers or declared > _DROPPED * self._most
        body = _Body(receive, send, self._most, self._seconds, endless=endless)
        body.hold = self._hold
        if scope["method"] not in _BODILESS:
            try:
                self._check(declared)
            except LookalikeError as error:
                await problem_of(error)(scope, receive, body.send)
                return
            self._arriving.add(body)
            body.on_end = self._arriving.discard
        PATIENCE.set(Patience())
        try:
            await self._app(scope, body.receive, body.send)
        except asyncio.CancelledError:  # the server ends, and has waited long enough for this answer
            if body.answered:
                raise
            await problem_of(Busy("the server is ending"))(scope, receive, body.send)
        finally:
            body.end()
            body.forget()
            self._held -= body.held

    def _hold(self, count: int) -> bool:
        """Whether so many bytes more may be kept, until the request they belong to is answered."""
        if self._held + count > _HELD * self._most:
            self._metrics.turned_away.inc()
            return False
        self._held += count
        return True

    def _check(self, declared: int) -> None:
        """Refuse a body before it is read.

        Raises:
            ImageTooLarge: it says itself that it is too long.
            Busy: there is no room for it.
        """
        if declared > self._most:
            raise ImageTooLarge(too_long(self._most))
        if self._admission.full:
            self._metrics.turned_away.inc()
            raise self._admission.refusal()
        if len(self._arriving) >= _ARRIVING * self._admission.most:
            self._make_place()

    def _make_place(self) -> None:
        """Give up the slowest body that is arriving.

        Raises:
            Busy: all arrive as they should.
        """
        self._metrics.turned_away.inc()
        slowest = min(self._arriving, key=lambda body: body.rate)
        if slowest.rate > _DRIPPING:
            raise self._admission.refusal()
        self._arriving.discard(slowest)
        slowest.give_up()


class _Body:
    """The body of one request as it arrives, and the answer that may come before its end."""

    def __init__(self, receive: Receive, send: Send, most: int, seconds: float, *, endless: bool) -> None:
        self._receive, self._send = receive, send
        self._most, self._seconds, self._endless = most, seconds, endless
        self._began = asyncio.get_running_loop().time()
        self._waiting: asyncio.Timeout | None = None
        self._given_up = False
        self._received = self.held = 0
        self._whole = self.answered = False
        self._caller: asyncio.Task[None] | None = None
        self.hold: Callable[[int], bool] = lambda _: True
        self.on_end: Callable[[_Body], None] = lambda _: None

    async def receive(self) -> Message:
        """Wait for the next part of the body, as long as its time lasts."""
        if self._whole:
            return await self._receive()
        end = 0.0 if self._given_up else self._began + self._seconds
        try:
            async with asyncio.timeout_at(end) as self._waiting:
                message = await self._receive()
        except TimeoutError:
            self._endless = True
            if self._given_up:
                raise HTTPException(503, "others wait, and the request arrives too slowly") from None
            detail = f"the request took more than {self._seconds:g} s to arrive (setting upload_seconds)"
            raise HTTPException(408, detail) from None
        finally:
            self._waiting = None
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise HTTPException(413, too_long(self._most))
        self._keep()
        if not message.get("more_body", False):
            self.end()
            patience = Patience()  # time spent on sending is not counted
            PATIENCE.set(patience)
            self._caller = asyncio.create_task(self._see_off(patience))
        return message

    @property
    def rate(self) -> float:
        """Bytes per second that have arrived; infinite in the first moment."""
        took = asyncio.get_running_loop().time() - self._began
        return self._received / took if took > _GRACE else math.inf

    def give_up(self) -> None:
        """Let nobody wait for the rest of it."""
        self._given_up = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _see_off(self, patience: Patience) -> None:
        """Let the request's work know when the caller hangs up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        patience.gone = True

    def forget(self) -> None:
        """Stop watching whether the caller hangs up."""
        if self._caller is not None:
            self._caller.cancel()

    def _keep(self) -> None:
        """Ask for room for what came beyond the first bytes.

        Raises:
            HTTPException: there is none, since other bodies that wait to be answered take it.
        """
        more = max(0, self._received - _SMALL) - self.held
        if more and not self.hold(more):
            self._endless = True
            raise HTTPException(503, str(Admission.refusal()))
        self.held += more

    async def send(self, message: Message) -> None:
        """A part of the answer; nobody waits for the rest of a body without end once there is one."""
        if message["type"] == "http.response.start":
            self.answered = True
            if self._endless and not self._whole:
                MutableHeaders(scope=message)["Connection"] = "close"
        await self._send(message)

    def end(self) -> None:
        """Note that nothing more of the body will be read, and tell ``on_end`` once."""
        if not self._whole:
            self._whole = True
            self.on_end(self)


def too_long(most: int) -> str:
    """The message for a body that is too long."""
    return f"the request is longer than {most:,} bytes (setting max_upload_bytes)"
