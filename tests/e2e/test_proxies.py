"""The examples of deploy/ for nginx and Caddy, by the real programs before a real server."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest
import trustme
from PIL import Image

from pictures import write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME, TOKEN = "pictures.example", "open-sesame"
ROOT = "/lookalike"
LARGE = "large.png"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def changes_of_docs(example: str) -> dict[str, str]:
    """How deploy.md has an example changed, so that it shows the server below ``ROOT``."""
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    (words,) = re.findall(rf"^\$ sed '(.+)' deploy/{re.escape(example)} > \S+$", page, re.MULTILINE)
    changes = dict(re.findall(r"s#([^#]+)#([^#]+)#", words))
    assert len(changes) == 2
    return changes


def changed(text: str, changes: dict[str, str]) -> str:
    """An example with other places and ports; everything that is to change must be in it."""
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


class Behind:
    """A server behind a proxy that encrypts, and shows it below a path, which may be empty.

    The tests of a proxy share all of it; ``large`` is a picture of the server's collection.
    """

    def __init__(self, port: int, trust: ssl.SSLContext, server: Served, root: str, large: bytes) -> None:
        self.port, self.trust, self.server, self.root, self.large = port, trust, server, root, large
        self.client = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trust, timeout=HANG_GUARD)

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"Host": NAME, "Authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
        request = self.client.build_request(
            method, self.root + path, headers=headers, extensions={"sni_hostname": NAME}, **options
        )
        return self.client.send(request)

    def raw(self, request: str) -> str:
        """The first line of the answer to the head of a request."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=HANG_GUARD) as plain,
            self.trust.wrap_socket(plain, server_hostname=NAME) as connection,
        ):
            connection.sendall(request.encode())
            return connection.recv(4096).decode().splitlines()[0]


def nginx(changes: dict[str, str], home: Path, ports: tuple[int, int]) -> list[str]:
    """Write the example as a whole configuration; the command that runs it."""
    port, upstream = ports
    site = changed(
        changed((DEPLOY / "nginx.conf").read_text(), changes),
        {
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "/etc/ssl/certs/pictures.example.pem": str(home / "certificate.pem"),
            "/etc/ssl/private/pictures.example.key": str(home / "key.pem"),
            "http://127.0.0.1:8000": f"http://127.0.0.1:{upstream}",
        },
    )
    folders = "".join(
        f"{kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (home / "whole.conf").write_text(
        f"{user}daemon off; pid {home}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{folders}{site} }}\n"
    )
    return ["nginx", "-p", str(home), "-c", str(home / "whole.conf"), "-e", "stderr"]


def caddy(changes: dict[str, str], home: Path, ports: tuple[int, int]) -> list[str]:
    """Write the example with our certificate instead of one from the internet; the command that runs it."""
    (port, upstream), certificate = ports, home / "certificate.pem"
    site = changed(
        changed((DEPLOY / "Caddyfile").read_text(), changes),
        {
            "\npictures.example {": f"\nhttps://{NAME}:{port} {{\n\ttls {certificate} {home}/key.pem",
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        },
    )
    (home / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    return ["caddy", "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def running(command: list[str], port: int, home: Path) -> Iterator[None]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    with (home / "proxy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=home)
    try:
        end = time.monotonic() + HANG_GUARD
        while True:
            assert process.poll() is None, (home / "proxy.log").read_text()
            assert time.monotonic() < end
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(HANG_GUARD)


@dataclass(frozen=True)
class Way:
    """A proxy, the path below which it shows the server, and what is changed in the example for that."""

    name: str
    configured: Callable[[dict[str, str], Path, tuple[int, int]], list[str]]
    root: str = ""
    changes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


_WITHOUT = {"http://127.0.0.1:8000;": "http://127.0.0.1:8000/;"}  # nginx takes away what `location` names
ROOT_WAYS = [
    Way("nginx-below", nginx, ROOT, changes_of_docs("nginx.conf")),
    Way("nginx-below-stripped", nginx, ROOT, {**changes_of_docs("nginx.conf"), **_WITHOUT}),
    Way("caddy-below", caddy, ROOT, changes_of_docs("Caddyfile")),
]
WAYS = [*ROOT_WAYS, Way("nginx", nginx), Way("caddy", caddy)]  # in this order pytest starts each once


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """With four pictures indexed, one of them large; the servers behind all proxies show them."""
    program = Program(tmp_path_factory.mktemp("program"))
    write(program.home / "pictures", 3)
    noise = np.random.default_rng(3).integers(0, 256, (700, 1000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(program.home / "pictures" / LARGE)
    assert program.here("index", "pictures").code == 0
    (program.home / "token").write_text(TOKEN)
    return program


@pytest.fixture(scope="module", params=WAYS, ids=str)
def behind(
    request: pytest.FixtureRequest, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    way: Way = request.param
    if shutil.which(way.configured.__name__) is None:
        pytest.skip(f"{way.configured.__name__} is not installed")
    home = tmp_path_factory.mktemp("proxy")
    authority = trustme.CA()
    own = authority.issue_cert(NAME)
    own.private_key_pem.write_to_path(home / "key.pem")
    for number, pem in enumerate(own.cert_chain_pems):
        pem.write_to_path(home / "certificate.pem", append=number > 0)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    large = program.home / "pictures" / LARGE
    port = free_port()
    options = ["--allow-host", NAME, "--token", "token", *(["--root-path", way.root] if way.root else [])]
    with serving(program, *options) as server:
        command = way.configured(way.changes, home, (port, server.port))
        with running(command, port, home):
            found = Behind(port, trust, server, way.root, large.read_bytes())
            with found.client:
                yield found


def test_a_server_behind_a_proxy(behind: Behind) -> None:
    page = behind.ask("GET", "/")
    assert page.status_code == 200
    scripts = re.findall(r'"(static/[^"]+\.js)"', page.text)
    assert scripts
    assert behind.ask("GET", f"/{scripts[0]}").status_code == 200

    assert len(behind.large) > 2_000_000  # more than nginx takes unless it is told to
    own, foreign = {"Origin": f"https://{NAME}"}, {"Origin": "https://elsewhere.example"}
    found = behind.ask("POST", "/v1/search", files={"file": ("a.png", behind.large)}, headers=own)
    assert found.status_code == 200, found.text
    assert found.json()["matches"][0]["verdict"] == "identical"
    # Small: a refusal that leaves before a large body was read reaches the caller of nginx as 502 at times.
    assert behind.ask("POST", "/v1/search", data={"image_id": "1"}, headers=foreign).status_code == 403
    assert behind.ask("GET", "/v1/stats", headers={"Authorization": "Bearer wrong"}).status_code == 401

    picture = io.BytesIO()
    Image.fromarray(np.full((60, 80, 3), 200, np.uint8)).save(picture, "PNG")
    added = behind.ask("POST", "/v1/images", files={"files": ("a.png", picture.getvalue())}, headers=own)
    assert added.status_code in (200, 201), added.text

    token = {"Authorization": f"Bearer {TOKEN}"}
    assert behind.ask("GET", "/metrics").status_code == 404
    assert behind.server.client.get("/metrics", headers=token).status_code == 200


@pytest.mark.parametrize("behind", ROOT_WAYS, ids=str, indirect=True)
def test_every_address_lies_below_the_path(behind: Behind) -> None:
    before = len(behind.server.log)
    found = behind.ask("POST", "/v1/search", data={"image_id": "1"}).json()["matches"][0]
    listed = behind.ask("GET", "/v1/images").json()["images"][0]
    for image in (found, listed):
        assert image["thumbnail"] == f"{ROOT}/v1/images/{image['image_id']}/thumbnail"
        assert behind.ask("GET", image["thumbnail"].removeprefix(ROOT)).status_code == 200
    described = behind.ask("GET", "/openapi.json").json()
    assert described["servers"] == [{"url": ROOT}]
    assert "/v1/search" in described["paths"]
    documentation = behind.ask("GET", "/docs").text
    assert all(re.findall(rf'href="{name}"', documentation) for name in ("docs.css", "openapi.json"))
    assert behind.ask("GET", "/docs.css").status_code == 200
    moved = behind.ask("GET", "/v1/images/")
    assert (moved.status_code, moved.headers["location"]) == (307, f"https://{NAME}{ROOT}/v1/images")
    beside = behind.client.get("/v1/stats", headers={"Host": NAME}, extensions={"sni_hostname": NAME})
    assert "problem" not in beside.headers.get("content-type", "")  # not the server's
    # A monitor on the machine itself does not come by the proxy.
    assert behind.server.client.get("/livez").status_code == 200
    log = behind.server.log[before:]
    assert "GET /v1/images/{image_id}/thumbnail 200" in log
    assert "GET /static " not in log


@pytest.mark.parametrize("behind", ROOT_WAYS[:1], ids=str, indirect=True)
def test_nginx_refuses_what_the_server_would_refuse(behind: Behind) -> None:
    head = f"POST {ROOT}/v1/search HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {65 << 20}\r\n\r\n"
    assert behind.raw(head).startswith("HTTP/1.1 413 ")
    assert behind.ask("GET", "/", headers={"Host": "another.example"}).status_code == 421
