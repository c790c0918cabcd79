"""The sending of answers: written in pieces, with bounded memory for those that callers are slow to read."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.errors import Busy
from lookalike.web.metrics import Metrics
from lookalike.web.problems import problem_of

_PIECE = 1 << 20  # bytes; a reader has `upload_seconds` for each
_HELD = 4  # bytes that long answers may hold together, as a multiple of the longest upload


class Answers:
    """Wraps an app: cuts its answers in pieces, and refuses a long one while others fill the memory."""

    def __init__(self, app: ASGIApp, metrics: Metrics, most: int) -> None:
        """Set the limit.

        Args:
            app: what to wrap.
            metrics: counts the answers that there is no room for.
            most: longest upload, bytes.
        """
        self._app, self._metrics, self._most = app, metrics, _HELD * most
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch its answer as it leaves."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held, refused = 0, False

        async def send_pieces(message: Message) -> None:
            nonlocal held, refused
            if message["type"] == "http.response.start":
                length = int(Headers(raw=message["headers"]).get("content-length", "0"))
                refused = length > _PIECE and self._held > 0 and self._held + length > self._most
                if refused:
                    self._metrics.turned_away.inc()
                    await problem_of(Busy("others are reading as much as may leave at a time"))(
                        scope, receive, send
                    )
                    return
                held = length if length > _PIECE else 0
                self._held += held
            if not refused:
                await _send_in_pieces(message, send)

        try:
            await self._app(scope, receive, send_pieces)
        finally:
            self._held -= held


async def _send_in_pieces(message: Message, send: Send) -> None:
    body, more = message.get("body", b""), message.get("more_body", False)
    if len(body) <= _PIECE:
        await send(message)
        return
    for at in range(0, len(body), _PIECE):
        rest = at + _PIECE < len(body)
        await send({**message, "body": body[at : at + _PIECE], "more_body": more or rest})
