"""Callers that connect and do nothing, never stop sending, or never read: others are served all the same."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

PICTURE = encoded(draw(0), "PNG")
DESCRIPTORS = 160
SECONDS = {"LOOKALIKE_UPLOAD_SECONDS": "1.5"}

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")


@pytest.fixture
def filled(program: Program) -> Program:
    write(program.home / "pictures", 2)
    noise = np.random.default_rng(0).integers(0, 256, (2600, 2600, 3), np.uint8)
    Image.fromarray(noise).save(program.home / "pictures" / "noise.bmp")  # 20 MB, more than buffers hold
    assert program.here("index", "pictures").code == 0
    return program


@contextmanager
def few_descriptors() -> Iterator[None]:
    """What is started in here may have few descriptors."""
    now = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, now[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, now)


def connected(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD)


def sockets(server: Served) -> int:
    """Sockets that the server has open."""
    count = 0
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(OSError):
            count += str(link.readlink()).startswith("socket:")
    return count


def wait_for_sockets(server: Served, most: int) -> None:
    end = time.monotonic() + HANG_GUARD
    while sockets(server) > most:
        assert time.monotonic() < end, "connections are kept open"
        time.sleep(0.05)


def test_idle_connections_keep_nobody_out(filled: Program) -> None:
    with ExitStack() as stack:
        with few_descriptors():
            server = stack.enter_context(serving(filled))
            server.search(PICTURE)
        idle = [stack.enter_context(connected(server)) for _ in range(4 * DESCRIPTORS)]
        for _ in range(3):
            # Anew: of the connections that rest, the client's own is the oldest, and may end as it is used.
            with httpx.Client(base_url=server.url, timeout=HANG_GUARD) as client:
                assert client.post("/v1/search", files={"file": ("picture", PICTURE)}).json()["matches"]
        assert sockets(server) <= DESCRIPTORS // 2 + 16
        assert server.log.count("connections are open") == 1
        assert len(server.log) < 4096
        assert idle[0].recv(1) == b""  # closed, having waited longest
        idle[-1].sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle[-1].recv(4096).startswith(b"HTTP/1.1 200")


def test_bodies_that_drip_keep_nobody_out(filled: Program) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\nContent-Type: "
    with serving(filled, "--queue", "4") as server, ExitStack() as stack:
        server.search(PICTURE)  # it is up
        dripping = [stack.enter_context(connected(server)) for _ in range(40)]  # 16 may arrive at a time
        for connection in dripping:
            connection.sendall(head + b"multipart/form-data; boundary=b\r\n\r\n--b\r\n")
        time.sleep(1)  # honest ones have arrived by then
        for _ in range(3):
            assert server.search(PICTURE)["matches"]
        assert b"503" in dripping[0].recv(4096)  # the first of the slowest


def test_a_body_that_drips_after_its_answer_is_cut_off(filled: Program) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 1000000\r\n\r\n"
    with serving(filled, environment=SECONDS) as server, connected(server) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 421")
        end = time.monotonic() + HANG_GUARD
        with suppress(ConnectionError):
            while time.monotonic() < end:
                connection.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() < end, "it was never cut off"


def test_whoever_sends_too_long_a_head_reads_why_it_is_refused(filled: Program) -> None:
    with serving(filled) as server, connected(server) as connection:
        connection.sendall(b"GET /v1/stats?" + b"x" * 70_000)
        time.sleep(0.5)  # refused by now; a closed connection would be reset by what follows
        connection.sendall(b"x" * 200_000)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, problem = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert json.loads(problem)["detail"].endswith("or its head is too long.")


def test_readers_that_never_read_are_cut_off_and_slow_ones_are_served(filled: Program) -> None:
    with serving(filled, environment=SECONDS) as server, ExitStack() as stack:
        image_id = next(
            match["image_id"]
            for match in server.search((filled.home / "pictures" / "noise.bmp").read_bytes())["matches"]
            if match["path"].endswith("noise.bmp")
        )
        server.client.close()
        wait_for_sockets(server, 5)
        before = sockets(server)
        request = f"GET /v1/images/{image_id}/file HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for _ in range(8):
            stack.enter_context(connected(server)).sendall(request)
        slow = stack.enter_context(connected(server))
        slow.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        size = 0
        while part := slow.recv(1 << 18):  # takes longer than `upload_seconds` altogether
            size += len(part)
            time.sleep(0.03)
        assert size > 20_000_000
        wait_for_sockets(server, before)
