"""Callers who hang up in the midst of a batch of JSON lines, or of the answer to it."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterable
from typing import Any

from served import Served
from waiting import HANG_GUARD

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: the connection is not ended, but reset


def quit_batch(
    server: Served, path: str, lines: Iterable[dict[str, Any]], *, sent: float, read: int, reset: bool
) -> list[dict[str, Any]]:
    """Send a batch, or its beginning, and hang up once so many lines of the answer have come; these lines.

    Args:
        server: is asked.
        path: of the route.
        lines: the batch.
        sent: share of it that is sent; if that is not all, no answer can come.
        read: lines that are waited for.
        reset: whether the connection is reset instead of ended in order.
    """
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-ndjson\r\n\r\n"
    ).encode()
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD) as caller:
        caller.sendall(head + body[: int(sent * len(body))])
        while read and answer.count(b"\n{") <= read:  # each line is a chunk, and begins behind its length
            part = caller.recv(65536)
            assert part, answer
            answer += part
        if reset:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    found = [line for line in answer.splitlines() if line.startswith(b"{") and line.endswith(b"}")]
    return [json.loads(line) for line in found[:read]]


def at_rest(server: Served) -> None:
    """Wait until the server works on no picture any more."""
    end = time.monotonic() + HANG_GUARD
    while server.metric("lookalike_pictures_in_work"):
        assert time.monotonic() < end, "pictures are still in work"
        time.sleep(0.05)
