"""Many searches in one request: a JSON object per line comes in, an answer per line goes out, in order."""

from __future__ import annotations

import asyncio
import io
import json
from collections import deque
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.routing import request_response
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message

from lookalike.errors import UsageError
from lookalike.web.admission import PATIENCE
from lookalike.web.given import JSON, GivenRoute, Handler, read_object
from lookalike.web.known import media_type, refuse_unknown

LINES = "application/x-ndjson"
MOST_LINES = 1000
_MOST_ENDS = 10 * MOST_LINES  # of lines that are blank, too: walking over 60 million takes eight seconds
_TRIES = 10  # of a line for which there is no room
_PAUSE = 1.0  # seconds before each further one


class LinesRoute(GivenRoute):
    """A route that also answers many requests at once, each of them a line of JSON."""

    def get_route_handler(self) -> Handler:
        """What answers a request, or each of its lines as if it were a request of its own."""
        handle = super().get_route_handler()
        app = request_response(handle)

        async def handle_lines(request: Request) -> Response:
            if media_type(request) != LINES:
                return await handle(request)
            refuse_unknown(request.query_params.keys(), (), "query")
            body = await request.body()
            lines = body.count(b"\n")
            if lines <= _MOST_ENDS:
                lines = sum(1 for line in io.BytesIO(body) if line.strip())
            if lines > MOST_LINES:
                raise UsageError(f"send at most {MOST_LINES:,} lines at a time, not {lines:,}")
            return StreamingResponse(_answers(request, body, app), media_type=LINES)

        return handle_lines


async def _answers(request: Request, body: bytes, app: ASGIApp) -> AsyncIterator[bytes]:
    """A line for each line of a body that is not blank, in order; one per thread is in work."""
    threads: int = request.app.state.threads
    waiting: deque[asyncio.Task[bytes]] = deque()
    try:
        for number, line in enumerate(io.BytesIO(body), start=1):
            if line.strip():
                waiting.append(asyncio.create_task(_answer(request, number, line, app)))
            if len(waiting) >= threads:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()


async def _answer(request: Request, number: int, line: bytes, app: ASGIApp) -> bytes:
    """The answer to one line, or the problem with it; a line that there is no room for waits."""
    identity = None
    try:
        asked = read_object(line)
        identity = asked.pop("id", None)
        line = json.dumps(asked).encode()
    except HTTPException:
        pass  # the app says so itself
    for tries in range(_TRIES):
        status, answer = await _ask(request, line, app)
        patience = PATIENCE.get()
        if status != HTTPStatus.SERVICE_UNAVAILABLE or (patience and patience.gone):
            break
        if tries < _TRIES - 1:
            await asyncio.sleep(_PAUSE)
    head = json.dumps({"line": number, "id": identity})[:-1].encode()
    if status == HTTPStatus.OK:
        return head + b", " + answer[1:] + b"\n"
    return head + b', "problem": ' + answer + b"}\n"


async def _ask(request: Request, body: bytes, app: ASGIApp) -> tuple[int, bytes]:
    """Status and body of the answer to a JSON object, sent as a request beside those of the other lines."""
    status, parts = 0, bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        parts.extend(message.get("body", b""))

    scope: dict[str, Any] = {**request.scope, "headers": [(b"content-type", JSON.encode())]}
    await app(scope, receive, send)
    return status, bytes(parts)
