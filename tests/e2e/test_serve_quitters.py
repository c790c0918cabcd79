"""Callers who hang up in the midst of a batch: the work for them ends, and others are served as before."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from quitters import at_rest, quit_batch
from served import Served, serving
from waiting import HANG_GUARD

LINES = {"Content-Type": "application/x-ndjson"}
MANY = 400
WAYS = [
    {"sent": 0.5, "read": 0, "reset": False}, {"sent": 1.0, "read": 0, "reset": True},
    {"sent": 1.0, "read": 3, "reset": False}, {"sent": 1.0, "read": 3, "reset": True},
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = Program(tmp_path_factory.mktemp("quitters"))
    write(program.home / "pictures", 4)
    assert program.here("bank", "create", "known").code == 0
    assert program.here("bank", "add", "known", "pictures", "-q").code == 0
    with serving(program) as running:
        yield running


def checks(count: int) -> list[dict[str, Any]]:
    """Pictures, each of other bytes, that the bank reports."""
    copy = draw(1).crop((3, 2, 92, 70))
    files = [encoded(copy, "JPEG", comment=f"no. {number}".encode()) for number in range(count)]
    return [{"id": number, "image": base64.b64encode(data).decode(), "keep": True}
            for number, data in enumerate(files)]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/search", "application/json"),
        ("/v1/search", "application/x-ndjson"),
        ("/v1/search", "image/jpeg"),
        ("/v1/search", "multipart/form-data; boundary=b"),
        ("/v1/search", "application/x-www-form-urlencoded"),
        ("/v1/banks", "text/plain"),
        ("/m/compare", "application/json"),
        ("/h/hash", "multipart/form-data; boundary=b"),
    ],
)
def test_a_body_that_breaks_off_leaves_no_traceback(path: str, kind: str, server: Served) -> None:
    lines = server.log.count("\n")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\nContent-Type: {kind}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD) as caller:
        caller.sendall(head.encode() + b"--b\r\n")
    end = time.monotonic() + HANG_GUARD
    while server.log.count("\n") == lines:
        assert time.monotonic() < end, "the request is not in the log"
        time.sleep(0.01)
    assert f"POST {path} 400 " in server.log.splitlines()[-1]
    assert "Traceback" not in server.log


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_batch_that_nobody_waits_for_ends(way: dict[str, Any], server: Served) -> None:
    before = server.client.get("/v1/reviews").json()["counts"]["waiting"]
    told = quit_batch(server, "/v1/check", checks(MANY), **way)
    at_rest(server)
    waiting = server.client.get("/v1/reviews").json()["counts"]["waiting"]
    known = {case["case_id"] for case in server.client.get("/v1/reviews?limit=1000").json()["cases"]}
    assert {case for line in told for case in line["cases"]} <= known  # what was told is kept
    assert waiting - before < MANY / 2  # the rest was not worked on
    asked = b"".join(
        json.dumps({"id": number, "image_id": number, "k": 1}).encode() + b"\n" for number in (1, 2)
    )
    answer = server.client.post("/v1/search", content=asked, headers=LINES)
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [(one["id"], one["matches"][0]["image_id"]) for one in found] == [(1, 1), (2, 2)]
