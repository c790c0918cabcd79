"""Web servers on this machine that answer well, badly, slowly or without end: one path for each way.

Used by the tests of `lookalike.images.remote`. Each server has a port of its own and says what it was asked.
"""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

from lookalike.images import is_public
from lookalike.images.addresses import Address

BODY = bytes(range(256)) * 1000
AUTHORITY = trustme.CA()  # vouches for the encrypted servers; made anew for each run


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OddServer

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        with suppress(ConnectionError):
            getattr(self, "_" + self.path.strip("/").partition("?")[0].replace("-", "_"))()

    def do_POST(self) -> None:
        # a server that leaves a body unread resets the connection, and its answer may be lost with it
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(501)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, *headers: tuple[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def _image(self) -> None:
        self._answer(200, ("Content-Length", str(len(BODY))), body=BODY)

    def _until_closed(self) -> None:
        self.close_connection = True
        self._answer(200, body=BODY)

    def _in_chunks(self) -> None:
        chunks = [BODY[at : at + 100_000] for at in range(0, len(BODY), 100_000)]
        encoded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
        self._answer(200, ("Transfer-Encoding", "chunked"), body=encoded)

    def _long(self) -> None:
        self._answer(200, ("Content-Length", "300001"), body=bytes(300_001))

    def _endless(self) -> None:
        self._answer(200)
        while True:
            self.wfile.write(bytes(65_536))

    def _endless_chunks(self) -> None:
        self._answer(200, ("Transfer-Encoding", "chunked"))
        while True:
            self.wfile.write(b"10000\r\n" + bytes(65_536) + b"\r\n")

    def _cut_short(self) -> None:
        self.close_connection = True
        self._answer(200, ("Content-Length", "1000"), body=bytes(400))

    def _slow_body(self) -> None:
        self._answer(200, ("Content-Length", "1000"))
        self._drip(b"x" * 1000)

    def _slow_chunks(self) -> None:
        self._answer(200, ("Transfer-Encoding", "chunked"))
        self._drip(b"1\r\nx\r\n" * 1000)

    def _slow_headers(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 60)

    def _slow_status(self) -> None:
        self._drip(b"HTTP/1.1 200 " + b"O" * 1000)

    def _forever_almost_there(self) -> None:
        self._drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    def _silence(self) -> None:
        self.server.closing.wait(30)

    def _drip(self, data: bytes) -> None:
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if self.server.closing.wait(0.05):
                return

    def _no_http(self) -> None:
        self.wfile.write(b"SSH-2.0-server\r\n")
        self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True

    def _missing(self) -> None:
        self._answer(404, ("Content-Length", "0"))

    def _nothing(self) -> None:
        self._answer(204)

    def _odd_reason(self) -> None:
        self.wfile.write(b"HTTP/1.1 500 \x1b[31mred\x07" + b"!" * 500 + b"\r\nContent-Length: 0\r\n\r\n")

    def _to(self) -> None:
        location = self.path.partition("?")[2]
        self._answer(302, ("Location", location), ("Content-Length", "0"))

    def _to_image(self) -> None:
        self._answer(308, ("Location", "image?from=redirect"), ("Content-Length", "0"))

    def _to_accent(self) -> None:
        self.wfile.write("HTTP/1.1 301 Moved\r\nLocation: /image?é\r\nContent-Length: 0\r\n\r\n".encode())

    def _to_nowhere(self) -> None:
        self._answer(303, ("Content-Length", "0"))

    def _loop(self) -> None:
        self._answer(301, ("Location", "/loop"), ("Content-Length", "0"))


class OddServer(ThreadingHTTPServer):
    """Remembers the paths and headers in `seen`; `closing` ends the handlers that take their time."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.port = self.server_address[1]

    def handle_error(self, request: Any, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):  # clients that hang up are what these tests are about
            super().handle_error(request, client_address)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def permits(self, address: Address, port: int) -> bool:
        """The rule of most tests: this server, and the public internet."""
        return (str(address) in ("127.0.0.1", "::1") and port == self.port) or is_public(address, port)


@contextmanager
def serving(*, encrypted: bool = False) -> Iterator[OddServer]:
    """A running server; an ``encrypted`` one speaks TLS as ``localhost``, vouched for by ``AUTHORITY``."""
    with ExitStack() as stack:
        server = stack.enter_context(OddServer())
        if encrypted:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            AUTHORITY.issue_cert("localhost").configure_cert(context)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        stack.callback(server.closing.set)
        yield server
