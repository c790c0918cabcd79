"""Bytes from a URL that a stranger may have written.

Each hop of a redirect is checked like the first URL, and the connection is made to the very address that was
checked, so that a name cannot point somewhere else by then. No proxy from the environment is used: it would
do the look-up itself.

The standard library speaks HTTP here. A network backend of httpcore was tried: it takes as many lines, its
own sockets look even an address up once more, and httpx offers no public way to pass such a backend.
"""

from __future__ import annotations

import io
import socket
import ssl
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin

from lookalike.errors import FetchError, ImageTooLarge
from lookalike.images import reasons, urls
from lookalike.images.addresses import Address, Permitted, is_public, resolve
from lookalike.images.deadline import Deadline
from lookalike.settings import Limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 16


def fetch(url: str, limits: Limits, *, permitted: Permitted = is_public) -> bytes:
    """Get what a URL holds.

    Args:
        url: http or https.
        limits: ``fetch_bytes`` and ``fetch_seconds``; the time covers look-ups and redirects.
        permitted: told an address and a port, says whether to connect; by default only the public internet.

    Returns:
        The body of the answer with status 200.

    Raises:
        FetchError: the URL may not be fetched, or fetching it failed or took too long.
        ImageTooLarge: the answer is longer than ``limits.fetch_bytes``.
    """
    deadline = Deadline(limits.fetch_seconds)
    for _ in range(_MOST_REDIRECTS + 1):
        target = urls.parse(url)
        addresses = resolve(target.host, target.port, permitted, deadline)
        try:
            with _connect(target, addresses, deadline) as connection:
                answer = _ask(target, connection, deadline)
                if answer.status not in _REDIRECTS:
                    return _body(answer, limits.fetch_bytes)
                url = urljoin(url, _location(answer))
        except TimeoutError as error:
            raise deadline.missed() from error
        except ssl.SSLCertVerificationError as error:
            raise FetchError(f"the server's certificate is refused: {error.verify_message}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise FetchError(f"the server cannot be read: {_detail(error)}") from error
    raise FetchError(f"more than {_MOST_REDIRECTS} redirects")


def _connect(target: urls.Target, addresses: list[Address], deadline: Deadline) -> socket.socket:
    """A connection to the first of the addresses that takes one; each gets a fair share of the time."""
    for tried, address in enumerate(addresses):
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(deadline.remaining() / (len(addresses) - tried))
            connection.connect((str(address), target.port))
        except OSError:
            connection.close()
            if tried == len(addresses) - 1:
                raise
        else:
            return _encrypted(connection, target, deadline) if target.scheme == "https" else connection
    raise FetchError(f"host {target.host} has no address")


def _encrypted(connection: socket.socket, target: urls.Target, deadline: Deadline) -> ssl.SSLSocket:
    """The connection under TLS, after the server proved that it is the host."""
    try:
        connection.settimeout(deadline.remaining())
        return ssl.create_default_context().wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


def _ask(target: urls.Target, connection: socket.socket, deadline: Deadline) -> HTTPResponse:
    """Send the request and read the head of the answer."""
    lines = (
        f"GET {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: lookalike",
        "Accept: image/*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    connection.settimeout(deadline.remaining())
    connection.sendall("\r\n".join((*lines, "", "")).encode("ascii"))
    answer = HTTPResponse(cast(socket.socket, _TimedFiles(connection, deadline)), method="GET")
    answer.begin()
    return answer


class _TimedFiles:
    """The one method of a socket that `HTTPResponse` uses, with a time limit for all reads together.

    A socket's own time limit starts anew with each read, so a server that sends a byte a second would never
    meet it.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connection, self._deadline))


class _TimedReader(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._connection.settimeout(self._deadline.remaining())
        return self._connection.recv_into(buffer)


def _location(answer: HTTPResponse) -> str:
    """Where a redirect leads; servers write UTF-8 where the standard wants ASCII."""
    location = answer.getheader("Location")
    if location is None:
        raise FetchError(f"the server answered {answer.status} without saying where to go")
    return location.encode("latin-1").decode("utf-8", "replace")


def _body(answer: HTTPResponse, limit: int) -> bytes:
    if answer.status != 200:
        raise FetchError(reasons.one_line(f"the server answered {answer.status} {answer.reason}"))
    if (answer.length or 0) > limit:
        raise _too_long(limit)
    body = bytearray()
    while chunk := answer.read(min(_CHUNK, limit + 1 - len(body))):
        body += chunk
        if len(body) > limit:
            raise _too_long(limit)
    if answer.length:
        raise FetchError(f"the connection ended {answer.length:,} bytes early")
    return bytes(body)


def _too_long(limit: int) -> ImageTooLarge:
    return ImageTooLarge(f"the answer is longer than the limit of {limit:,} bytes (setting max_fetch_bytes)")


def _detail(error: Exception) -> str:
    return reasons.one_line(getattr(error, "strerror", None) or str(error)) or type(error).__name__
