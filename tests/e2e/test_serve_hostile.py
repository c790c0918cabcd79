"""Requests that mean no good: each refused with the right status, the server alive, its memory back."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import hostile
import odd_server
from pictures import draw, write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

MEBIBYTE = 1 << 20
LIMIT = 2 * MEBIBYTE
PICTURE = hostile.encoded(draw(0), "PNG")
SPARE = 96 * MEBIBYTE  # what decoders and allocators may keep; a bomb's pixels or the 1 GB body would be more


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With small limits, so that tests need not send much, and used by all of them: it must survive."""
    program = Program(tmp_path_factory.mktemp("hostile"))
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    small = {
        "LOOKALIKE_MAX_UPLOAD_BYTES": str(LIMIT),
        "LOOKALIKE_MAX_PIXELS": "25000000",
        "LOOKALIKE_UPLOAD_SECONDS": "1.5",
    }
    with serving(program, environment=small) as running:
        running.search(PICTURE)  # a first one takes memory that stays
        yield running


@pytest.fixture(autouse=True)
def _alive(server: Served) -> Iterator[None]:
    before = server.memory()
    yield
    assert server.search(PICTURE, k=1)["matches"][0]["distance"] == pytest.approx(0, abs=1e-6)
    assert server.memory() < before + SPARE
    end = time.monotonic() + HANG_GUARD
    while server.metric("lookalike_pictures_in_work"):  # of callers that hung up
        assert time.monotonic() < end


def head(length: str = "", method: str = "POST", path: str = "/v1/search", more: str = "") -> bytes:
    """The head of a request with a form."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}{more}"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    ).encode()


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


class TestFiles:
    def test_every_bad_file_is_refused_with_its_reason(self, server: Served, tmp_path: Path) -> None:
        cases = [case for case in hostile.build(tmp_path) if case.path.is_file()]
        assert len(cases) > 40
        for case in cases:
            answer = server.ask(case.path.read_bytes())
            if case.refused and case.path.name != "locked.jpg":
                assert case.refused in answer.json()["detail"]
                too_large = re.search("above the limit|too large", answer.json()["detail"])
                assert answer.status_code == (413 if too_large else 422)
            else:
                assert answer.status_code == 200, (case, answer.text)

    @pytest.mark.parametrize(
        "name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\x.png", "a\x00b", "-rf", "." * 3000]
    )
    def test_a_file_name_is_only_a_name(self, name: str, server: Served) -> None:
        sent = [("files", (name, PICTURE))]
        (result,) = server.client.post("/v1/search/batch", files=sent).json()["results"]
        assert result["matches"][0]["distance"] == pytest.approx(0, abs=1e-6)
        new = hostile.encoded(draw(len(name) + 100), "PNG")
        (added,) = server.client.post("/v1/images", files=[("files", (name, new))]).json()["added"]
        facts = server.client.get(f"/v1/images/{added['image_id']}").json()
        assert Path(facts["paths"][0]).name == f"{added['sha256']}.png"
        assert server.client.delete(f"/v1/images/{added['image_id']}").status_code == 204


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/static/../../../../etc/passwd",
            "/static/%2e%2e/%2e%2e/app.py",
            "/static/..%2f..%2fapp.py",
            "/static//etc/passwd",
            "/static/....//app.py",
            "/static/main.js%00.css",
            "/v1/images/../../etc/passwd",
            "/v1/images/%2e%2e%2fstats/thumbnail",
            "/v1/images/1%00/thumbnail",
            "/v1/images/1;ls/thumbnail",
            "/v1/images/1/file/../../../etc/passwd",
            "/v1/images/..%2f..%2f/file",
            "/%ff%fe",
        ],
    )
    def test_none_leads_out(self, path: str, server: Served) -> None:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        answer = server.raw(request)
        assert status_of(answer) in (404, 422)
        assert b"root:" not in answer
        assert b"import" not in answer

    @pytest.mark.parametrize(
        "folder", ["/etc", "/", "..", "{home}/../..", "{home}/pictures/..", "\x00", "x" * 5000]
    )
    def test_a_folder_must_be_a_known_one(self, folder: str, server: Served) -> None:
        known = server.client.get("/v1/stats").json()["folders"][0]["path"].removesuffix("/pictures")
        answer = server.ask(1, folder=folder.format(home=known))
        assert (answer.status_code, answer.json()["title"].split()[0]) == (422, "Unprocessable")


class TestBodies:
    def test_too_long_a_body_is_refused_by_its_length(self, server: Served) -> None:
        answer = server.raw(head(f"Content-Length: {LIMIT + 1}\r\n"))
        assert status_of(answer) == 413
        assert server.ask(bytes(LIMIT + 1)).status_code == 413  # sent whole, and answered all the same

    @pytest.mark.parametrize("declared", ["Transfer-Encoding: chunked\r\n", f"Content-Length: {10**9}\r\n"])
    def test_a_gigabyte_is_refused_early(self, declared: str, server: Served) -> None:
        chunk = bytes(65_536)

        def framed(part: bytes) -> bytes:
            return b"%x\r\n%s\r\n" % (len(part), part) if "chunked" in declared else part

        sent, answer = 0, b""
        with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD) as connection:
            with suppress(ConnectionError):
                connection.sendall(head(declared) + (framed(PART)))
                while sent < 10**9:
                    connection.sendall(framed(chunk))
                    sent += len(chunk)
            with suppress(ConnectionError):
                answer = connection.recv(65536)
        assert sent < LIMIT + 16 * MEBIBYTE  # what the system's buffers hold
        assert status_of(answer) == 413
        assert b"urn:lookalike:problem:" in answer

    def test_a_slow_upload_is_given_up(self, server: Served) -> None:
        started = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD) as connection:
            connection.sendall(head("Content-Length: 100000\r\n") + PART)
            answer = b""
            connection.settimeout(0.2)
            while not answer and time.monotonic() < started + HANG_GUARD:
                connection.sendall(b"x")
                with suppress(TimeoutError):
                    answer = connection.recv(65536) + connection.recv(65536)
        assert status_of(answer) == 408
        assert b"took more than 1.5 s" in answer

    def test_slow_uploads_do_not_keep_others_out(self, server: Served) -> None:
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        try:
            for connection in slow:
                connection.sendall(head("Content-Length: 100000\r\n") + PART)
            for _ in range(5):
                assert server.ask(PICTURE).status_code == 200
        finally:
            for connection in slow:
                connection.close()

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"--b", 400),
            (b"--x\r\n\r\n", 400),
            (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400),
            (b"--b\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n\r\n--b--\r\n", 400),
            (
                b'--b\r\nContent-Disposition: form-data; name="k"\r\n\r\n'
                + b"9" * MEBIBYTE
                + b"9\r\n--b--\r\n",
                400,
            ),
            (b'--b\r\nContent-Disposition: form-data; name="k"\r\n\r\n1\r\n' * 1200 + b"--b--\r\n", 400),
            (PART + PICTURE, 400),
        ],
        ids=["empty", "stump", "foreign", "nameless", "long-head", "long-field", "many-fields", "unfinished"],
    )
    def test_broken_forms(self, body: bytes, status: int, server: Served) -> None:
        answer = server.raw(head(f"Content-Length: {len(body)}\r\n", more="Connection: close\r\n") + body)
        assert status_of(answer) in (status, 422)

    def test_a_caller_that_hangs_up_leaves_nothing_behind(self, server: Served) -> None:
        whole = PART + PICTURE + b"\r\n--b--\r\n"
        for cut in (10, len(whole) // 2, len(whole)):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(head(f"Content-Length: {len(whole)}\r\n") + whole[:cut])


class TestHeads:
    @pytest.mark.parametrize(
        "request_",
        [
            b"GARBAGE\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\nX\x00: c\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
            b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ],
    )
    def test_malformed_ones(self, request_: bytes, server: Served) -> None:
        answer = server.raw(request_)
        assert not answer or status_of(answer) in (400, 405, 421, 501)

    @pytest.mark.parametrize("before", [b"", b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"])
    def test_a_slow_one_is_given_up(self, before: bytes, server: Served) -> None:
        started = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_GUARD) as connection:
            connection.sendall(before + b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            with suppress(ConnectionError):
                while time.monotonic() < started + HANG_GUARD:
                    connection.sendall(b"y")
                    time.sleep(0.1)
        assert time.monotonic() < started + HANG_GUARD

    def test_nothing_that_was_sent_becomes_a_header(self, server: Served) -> None:
        for path in (
            "/v1/images/1%0d%0aSet-Cookie:%20a=b",
            "/static/%0d%0aSet-Cookie:%20a=b",
            "/%0d%0aX:%20y",
        ):
            answer = server.raw(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            assert b"\r\nSet-Cookie" not in answer
            assert b"\r\nX: y" not in answer
        assert "Set-Cookie" not in server.log

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "CONNECT", "BREW"])
    def test_other_methods(self, method: str, server: Served) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=HANG_GUARD)
        connection.request(method, "/v1/stats")
        assert connection.getresponse().status == 405
        connection.close()


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost:{port}/image",
            "http://[::1]:{port}/image",
            "http://0.0.0.0:{port}/image",
            "http://127.1:{port}/image",
            "http://2130706433:{port}/image",
            "http://0x7f000001/",
            "http://[::ffff:127.0.0.1]:{port}/image",
            "http://[64:ff9b::7f00:1]/",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://user@127.0.0.1:{port}/image",
            "http://127.0.0.1:{port}\\@example.com/",
            "http://a\r\nHost: b/",
            "gopher://127.0.0.1:{port}/",
            "/etc/passwd",
            "data:image/png;base64,AAAA",
        ],
    )
    def test_private_places_are_not_asked(self, url: str, server: Served) -> None:
        with odd_server.serving() as private:
            answer = server.ask(url.format(port=private.port))
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:lookalike:problem:fetch-error")
            assert private.seen == []


def test_lines_that_say_nothing_or_too_much_are_answered_as_json(server: Served) -> None:
    lines = {"Content-Type": "application/x-ndjson"}
    blank = server.client.post("/v1/search", content=b"\n" * 1_500_000, headers=lines)
    assert (blank.status_code, "at most 1,000 lines" in blank.text) == (422, True), blank.text
    depths = [99, 100, *range(900, 1000, 5)]
    odd = [b'{"id": 1e999, "url": "x"}', b'{"id": -1E+999, "url": "x"}']
    odd += [b'{"id":' + b"[" * depth + b"]" * depth + b', "url": "x"}' for depth in depths]
    answer = server.client.post("/v1/search", content=b"\n".join(odd), headers=lines)
    told = [json.loads(line, parse_constant=_fail) for line in answer.text.splitlines()]
    assert [one["line"] for one in told] == list(range(1, 1 + len(odd)))
    details = [one["problem"]["detail"] for one in told]
    assert ["is no number" in detail for detail in details[:2]] == [True, True]
    assert ["deep" in detail or "recursion" in detail for detail in details[2:]] == [False, *[True] * 21]


def _fail(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")
