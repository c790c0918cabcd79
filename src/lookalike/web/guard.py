"""Who may call: the right host name, no other site's page, and the token where there is one."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lookalike.web.below import own_path
from lookalike.web.options import ServerOptions
from lookalike.web.problems import Problem

_OPEN_PATHS = frozenset({"/", "/livez", "/readyz", "/docs", "/docs.css", "/openapi.json"})
_OPEN_FOLDER = "/static/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN = "another site's page may not change anything here"
_OTHER_SCHEME = (
    "the page was loaded by another scheme than this request came by; "
    "a proxy that encrypts must send X-Forwarded-Proto: https"
)


class Guard:
    """Wraps an app and lets through who may call it."""

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._names, self._everywhere = options.names, options.everywhere
        self._token = None if options.token is None else _digest(options.token.encode())

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
            return Problem(421, "this server is not called that; start it with --allow-host to add a name")
        if scope["method"] not in _SAFE_METHODS:
            if any(site not in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")):
                return Problem(403, _FOREIGN)
            own = f"{scope['scheme']}://{host}".lower()
            for origin in headers.getlist("origin"):
                if origin.lower() != own:
                    other_scheme = origin.lower().partition("://")[2] == host.lower()
                    return Problem(403, _OTHER_SCHEME if other_scheme else _FOREIGN)
        if self._token is None or is_open(own_path(scope)):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(_digest(given.strip().encode()), self._token)
        if scheme.lower() != "bearer" or not right:
            challenge = {"WWW-Authenticate": 'Bearer realm="lookalike"'}
            return Problem(401, "send the server's token as Authorization: Bearer TOKEN", headers=challenge)
        return None


def is_open(path: str) -> bool:
    """Whether a path is answered without the token."""
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER)


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


def _digest(token: bytes) -> bytes:
    """SHA-256 of a token: digests have one length, so comparing them does not tell how long the token is."""
    return hashlib.sha256(token).digest()
