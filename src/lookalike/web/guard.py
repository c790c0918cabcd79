"""The guard: refuses requests with a wrong host name, from another site's page, or without a valid token."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lookalike.web.callers import Callers
from lookalike.web.options import ServerOptions
from lookalike.web.problems import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN = "another site's page may not change anything here"
_OTHER_SCHEME = (
    "the page was loaded by another scheme than this request came by; "
    "a proxy that encrypts must send X-Forwarded-Proto: https"
)


class Guard:
    """Wraps an app and lets through who may call it."""

    def __init__(self, app: ASGIApp, options: ServerOptions, callers: Callers) -> None:
        """Remember who may call.

        Args:
            app: what to wrap.
            options: names of the server.
            callers: knows them by their tokens.
        """
        self._app, self._callers = app, callers
        self._names, self._everywhere = options.names, options.everywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            return  # there are none; the server closes it
        if scope["type"] == "http":
            problem = self._refusal(scope)
            if problem is not None:
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        """Why a request is refused; None if it may pass."""
        headers = Headers(scope=scope)
        host = ",".join(headers.getlist("host"))
        name = host_name(host)
        if name is None or not (name in self._names or (self._everywhere and _is_address(name))):
            # A page of another site whose name leads to this machine would come this way (DNS rebinding).
            return Problem(
                421,
                "this server does not answer to that host name; start it with --allow-host NAME to add one",
            )
        if scope["method"] not in _SAFE_METHODS:
            if any(site not in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")):
                return Problem(403, _FOREIGN)
            own = f"{scope['scheme']}://{host}".lower()
            for origin in headers.getlist("origin"):
                if origin.lower() != own:
                    other_scheme = origin.lower().partition("://")[2] == host.lower()
                    return Problem(403, _OTHER_SCHEME if other_scheme else _FOREIGN)
        return self._callers.refusal(scope)


def host_name(host: str) -> str | None:
    """The name in a ``Host`` header, in lower case, without port and brackets; None if it is malformed."""
    name, bracket, rest = host.removeprefix("[").partition("]") if host.startswith("[") else (host, "", "")
    if not bracket:
        name, colon, port = host.partition(":")
        rest = colon + port
    if not name or (rest and not (rest[0] == ":" and rest[1:].isascii() and rest[1:].isdigit())):
        return None
    return name.lower()


def _is_address(name: str) -> bool:
    """Whether a name is an address: no page of another site can have that for its own name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
