"""`fetch` against real servers on this machine, reached through a rule that permits one port of it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest

from lookalike.errors import FetchError, ImageTooLarge
from lookalike.images import Limits, fetch
from lookalike.images.addresses import Address
from odd_server import AUTHORITY, BODY, OddServer, serving

LIMITS = Limits(fetch_bytes=300_000, fetch_seconds=30)
HURRIED = Limits(fetch_seconds=0.5)


@pytest.fixture
def server() -> Iterator[OddServer]:
    with serving() as running:
        yield running


@pytest.fixture
def get(server: OddServer) -> Callable[..., bytes]:
    """Fetch a path of the server."""

    def get(path: str, limits: Limits = LIMITS) -> bytes:
        return fetch(server.url(path), limits, permitted=server.permits)

    return get


Get = Callable[..., bytes]


class TestSuccess:
    @pytest.mark.parametrize("path", ["image", "until-closed", "in-chunks"])
    def test_the_body_comes_whole_however_its_end_is_told(self, get: Get, path: str) -> None:
        assert get(path) == BODY

    def test_the_request_says_no_more_than_it_must(self, server: OddServer, get: Get) -> None:
        get("image?a=b%20c")
        assert server.seen == [
            (
                "/image?a=b%20c",
                {
                    "Host": f"127.0.0.1:{server.port}",
                    "User-Agent": "lookalike",
                    "Accept": "image/*",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                },
            )
        ]

    def test_a_name_is_looked_up_and_sent_as_the_host(self, server: OddServer) -> None:
        body = fetch(f"http://LOCALHOST:{server.port}/image", LIMITS, permitted=server.permits)
        assert body == BODY
        assert server.seen[0][1]["Host"] == f"localhost:{server.port}"

    def test_an_answer_of_exactly_the_limit_is_taken(self, get: Get) -> None:
        for path in ("image", "until-closed", "in-chunks"):
            assert get(path, Limits(fetch_bytes=len(BODY))) == BODY

    def test_no_proxy_is_asked(self, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert get("image") == BODY


class TestRedirects:
    @pytest.mark.parametrize("path", ["to-image", "to?/image", "to?to-image", "to-accent"])
    def test_a_redirect_is_followed(self, get: Get, path: str) -> None:
        assert get(path) == BODY

    def test_letters_in_a_redirect_are_sent_as_utf_8(self, server: OddServer, get: Get) -> None:
        get("to-accent")
        assert server.seen[1][0] == "/image?%C3%A9"

    def test_a_loop_ends_after_five_redirects(self, server: OddServer, get: Get) -> None:
        with pytest.raises(FetchError, match="more than 5 redirects"):
            get("loop")
        assert len(server.seen) == 6

    def test_a_redirect_to_a_port_that_is_not_permitted_is_refused(self, server: OddServer, get: Get) -> None:
        with serving() as private:
            with pytest.raises(FetchError, match=r"127\.0\.0\.1, which is not on the public internet"):
                get(f"to?{private.url('image')}")
            assert private.seen == []
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        ("location", "reason"),
        [
            ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
            ("http://localhost/", "not on the public internet"),
            ("//10.0.0.1/a", "10.0.0.1"),
            ("http://[::1]/", "::1"),
            ("http://0x7f000001/", "odd spelling"),
            ("file:///etc/passwd", "must start with http"),
            ("ftp://example.com/", "must start with http"),
            ("http://user:secret@example.com/", "user name"),
        ],
    )
    def test_a_redirect_is_checked_like_the_first_url(self, get: Get, location: str, reason: str) -> None:
        with pytest.raises(FetchError, match=reason):
            get(f"to?{location}")

    def test_a_redirect_must_say_where_to(self, get: Get) -> None:
        with pytest.raises(FetchError, match="303 without saying where"):
            get("to-nowhere")


def _differs(refused: Address, address: Address, port: int) -> bool:
    return address != refused


class TestRefusedAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "LocalHost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "0.0.0.0",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "localhost.",
            "127.0.0.1.",
            "user@127.0.0.1",
            "\uff11\uff12\uff17.0.0.1",
        ],
    )
    def test_by_default_no_spelling_of_this_machine_is_reached(self, server: OddServer, host: str) -> None:
        with pytest.raises(FetchError):
            fetch(f"http://{host}:{server.port}/image", LIMITS)
        assert server.seen == []

    def test_one_address_that_is_not_permitted_is_enough(self, server: OddServer) -> None:
        known = {entry[4][0] for entry in socket.getaddrinfo("localhost", None)}
        for address in map(ip_address, known):
            all_but_one = partial(_differs, address)
            with pytest.raises(FetchError, match="which is not on the public internet"):
                fetch(f"http://localhost:{server.port}/image", LIMITS, permitted=all_but_one)
        assert server.seen == []

    def test_a_name_is_looked_up_once(self, server: OddServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """A hostile name server answers the truth to the check, and another address from then on."""
        answers = iter(["127.0.0.1"])

        def name_server(host: str, *_: object, **__: object) -> list[object]:
            address = (next(answers, "127.0.0.2"), 0)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

        monkeypatch.setattr(socket, "getaddrinfo", name_server)
        url = f"http://rebinding.example:{server.port}/image"
        assert fetch(url, LIMITS, permitted=server.permits) == BODY
        with pytest.raises(FetchError, match=r"rebinding\.example has the address 127\.0\.0\.2"):
            fetch(url, LIMITS, permitted=server.permits)

    def test_the_next_address_is_tried_when_one_is_dead(
        self, server: OddServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def name_server(host: str, *_: object, **__: object) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("127.0.0.2", "127.0.0.1")]

        monkeypatch.setattr(socket, "getaddrinfo", name_server)
        url = f"http://two-addresses.example:{server.port}/image"
        assert fetch(url, LIMITS, permitted=lambda *_: True) == BODY


class TestLimits:
    @pytest.mark.parametrize("path", ["long", "endless", "endless-chunks"])
    def test_a_long_answer_is_refused_however_its_length_is_told(self, get: Get, path: str) -> None:
        with pytest.raises(ImageTooLarge, match="longer than the limit of 300,000 bytes"):
            get(path)

    @pytest.mark.parametrize(
        "path",
        [
            "slow-body",
            "slow-chunks",
            "slow-headers",
            "slow-status",
            "forever-almost-there",
            "silence",
            "to?/to?/slow-headers",
        ],
    )
    def test_a_slow_answer_ends_at_the_deadline(self, get: Get, path: str) -> None:
        """Each of them would take 30 seconds or more."""
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"took longer than 0\.5 seconds"):
            get(path, HURRIED)
        assert time.monotonic() - began < 15

    def test_a_server_that_never_takes_the_connection_ends_at_the_deadline(self) -> None:
        with socket.socket() as listener, ExitStack() as stack:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(4):  # fill the queue of connections that wait to be taken
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
            with pytest.raises(FetchError, match="took longer"):
                fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/", HURRIED, permitted=lambda *_: True)


class TestBadAnswers:
    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("missing", "the server answered 404 Not Found"),
            ("nothing", "the server answered 204"),
            ("odd-reason", r"the server answered 500 \[31mred !"),
            ("cut-short", "600 bytes|IncompleteRead"),
            ("no-http", "cannot be read: SSH-2.0-server"),
            ("hang-up", "cannot be read"),
        ],
    )
    def test_the_reason_is_one_short_line(self, get: Get, path: str, reason: str) -> None:
        with pytest.raises(FetchError, match=reason) as caught:
            get(path)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 180

    def test_nobody_listens(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
            with pytest.raises(FetchError, match="Connection refused"):
                fetch(url, LIMITS, permitted=lambda *_: True)


class TestEncryption:
    @pytest.fixture
    def encrypted(self) -> Iterator[OddServer]:
        with serving(encrypted=True) as running:
            yield running

    @pytest.fixture
    def vouched_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    def test_a_server_that_proves_its_name_is_read(self, encrypted: OddServer, vouched_for: None) -> None:
        url = f"https://localhost:{encrypted.port}/image"
        assert fetch(url, LIMITS, permitted=encrypted.permits) == BODY

    def test_a_server_that_goes_by_another_name_is_refused(
        self, encrypted: OddServer, vouched_for: None
    ) -> None:
        with pytest.raises(FetchError, match=r"certificate is refused: .*127\.0\.0\.1"):
            fetch(f"https://127.0.0.1:{encrypted.port}/image", LIMITS, permitted=encrypted.permits)
        assert encrypted.seen == []

    def test_a_server_that_nobody_vouches_for_is_refused(self, encrypted: OddServer) -> None:
        with pytest.raises(FetchError, match="certificate is refused: unable to get local issuer"):
            fetch(f"https://localhost:{encrypted.port}/image", LIMITS, permitted=encrypted.permits)
        assert encrypted.seen == []

    def test_a_server_that_does_not_speak_it_is_refused(self, server: OddServer) -> None:
        with pytest.raises(FetchError, match="the server cannot be read"):
            fetch(f"https://localhost:{server.port}/image", LIMITS, permitted=server.permits)

    @pytest.mark.parametrize("path", ["slow-body", "slow-headers"])
    def test_a_slow_answer_ends_at_the_deadline(
        self, encrypted: OddServer, path: str, vouched_for: None
    ) -> None:
        began = time.monotonic()
        with pytest.raises(FetchError, match="took longer"):
            fetch(f"https://localhost:{encrypted.port}/{path}", HURRIED, permitted=encrypted.permits)
        assert time.monotonic() - began < 15

    def test_a_handshake_that_never_comes_ends_at_the_deadline(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"https://localhost:{listener.getsockname()[1]}/"
            with pytest.raises(FetchError, match="took longer"):
                fetch(url, HURRIED, permitted=lambda *_: True)
