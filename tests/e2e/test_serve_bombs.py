"""Pictures that take for ever and bodies that would fill the memory: others are answered all the same."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

import hostile
from children import running, wait_until_working
from pictures import draw, write
from program import Program
from served import serving
from waiting import HANG_GUARD

BOMB = hostile.png_bomb()
PICTURE = hostile.encoded(draw(0), "PNG")
MEBIBYTE = 1 << 20
HUGE = {"LOOKALIKE_MAX_PIXELS": str(10**10)}
FOR_EVER = {**HUGE, "LOOKALIKE_DECODE_SECONDS": str(10 * HANG_GUARD)}

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def filled(program: Program) -> Iterator[Program]:
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    return program


def test_a_bomb_is_refused_with_its_reason(filled: Program) -> None:
    with serving(filled, environment={**HUGE, "LOOKALIKE_DECODE_SECONDS": "0.5"}) as server:
        asked = server.ask(BOMB)
        assert asked.status_code == 422
        assert asked.json()["detail"] == "took more than 0.5 s to decode (setting decode_seconds)"
        added = server.client.post("/v1/images", files=[("files", BOMB), ("files", PICTURE)]).json()
        assert [item["reason"] for item in added["rejected"]] == [asked.json()["detail"]]
        assert len(added["added"]) == 1
        assert server.search(PICTURE)["matches"]


@linux
def test_searches_and_uploads_go_on_beside_bombs_and_the_end_comes_all_the_same(filled: Program) -> None:
    """The bombs take longer than this test waits."""
    with ThreadPoolExecutor(2) as pool:
        with serving(filled, environment=FOR_EVER) as server:
            url = server.url
            bombs = [
                pool.submit(httpx.post, f"{url}/v1/search", files={"file": BOMB}, timeout=HANG_GUARD),
                pool.submit(httpx.post, f"{url}/v1/images", files=[("files", BOMB)], timeout=HANG_GUARD),
            ]
            decoders = wait_until_working(of=server.process.pid)
            for _ in range(5):
                assert server.search(PICTURE)["matches"]
            assert not any(bomb.done() for bomb in bombs)
            for decoder in decoders:  # which need not compute while the server waits for them, for 10 s
                os.kill(decoder, signal.SIGSTOP)
        for bomb in bombs:  # the server has ended
            with suppress(httpx.TransportError):
                assert bomb.result(HANG_GUARD).status_code == 503
    assert not set(decoders) & set(running())


def test_bodies_that_wait_are_bounded_and_small_ones_pass(filled: Program) -> None:
    limit = 4 * MEBIBYTE
    head = (
        f"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: {limit}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    ).encode()
    with (
        serving(filled, environment={"LOOKALIKE_MAX_UPLOAD_BYTES": str(limit)}) as server,
        ExitStack() as open_,
    ):
        answers = []
        for _ in range(10):
            slow = open_.enter_context(socket.create_connection(("127.0.0.1", server.port), HANG_GUARD))
            try:
                slow.sendall(head + bytes(limit - 2 * len(head)))
                slow.settimeout(0.5)
                answers.append(slow.recv(65536))
            except TimeoutError:
                answers.append(b"")
            except ConnectionError:
                answers.append(b"hung up")
        assert answers[:4] == [b""] * 4
        assert b"503" in b"".join(answers)
        assert all(answer for answer in answers[6:])
        assert server.search(PICTURE)["matches"]
        open_.close()
        end = time.monotonic() + HANG_GUARD
        while server.ask(bytes(3 * MEBIBYTE)).status_code == 503:
            assert time.monotonic() < end
