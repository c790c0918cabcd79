"""The outermost layer: headers on every answer, its time and status counted, and one line of log for it.

A line of log holds the route, not the path, so nothing that a caller wrote gets into it. As JSON it also has
the name of the token that came, and an id, which the answer has as ``X-Request-Id``.
"""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import suppress

from h11 import LocalProtocolError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.web.below import own_path
from lookalike.web.metrics import Metrics
from lookalike.web.tokens import Token

log = logging.getLogger("lookalike.access")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Accounting:
    """Wraps an app: adds headers to each answer, counts and times it, and logs a line about it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count, time and log its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, identity = time.perf_counter(), 500, uuid.uuid4().hex

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = identity
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                # The page's own files may be kept, and are sent again when they have changed.
                kept = route_of(scope) == "/static"
                headers.setdefault("Cache-Control", "no-cache" if kept else "no-store")
            with suppress(LocalProtocolError):  # the rest was malformed, and the server has said so itself
                await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            route, method = route_of(scope), scope["method"] if scope["method"] in _METHODS else "?"
            self._metrics.requests.labels(f"{method} {route}", str(status)).inc()
            self._metrics.seconds.labels(f"{method} {route}").observe(seconds)
            client = (scope.get("client") or ("-",))[0]
            caller: Token | None = scope.get("caller")
            facts = {"id": identity, "client": client, "token": caller and caller.name, "method": method}
            facts |= {"route": route, "status": status, "ms": round(1000 * seconds, 1)}
            line = (client, method, route, status, 1000 * seconds)
            log.info("%s %s %s %d %.0f ms", *line, extra={"request": facts})


def route_of(scope: Scope) -> str:
    """The pattern that a request's path matched, as ``/v1/images/{image_id}``; ``-`` if none did."""
    if own_path(scope).startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", "-"))
