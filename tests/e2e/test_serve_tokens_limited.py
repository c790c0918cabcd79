"""Tokens that are for some of a server's collections: every route holds them to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pictures import write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

NAMES = ("teapots", "trees")
ONLY = "this token is for teapots and nothing else"


def ask(server: Served, token: str, method: str, path: str) -> httpx.Response:
    return httpx.request(
        method, server.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=HANG_GUARD
    )


def made(program: Program, name: str, *options: str | Path) -> str:
    done = program.here("token", "create", name, "--role", "admin", *options)
    assert done.code == 0, done.err
    return done.out.strip()


@pytest.fixture
def both(tmp_path: Path) -> Program:
    """Two collections."""
    program = Program(tmp_path / "home")
    for seed, name in enumerate(NAMES):
        write(program.home / f"{name}-pictures", 2, first_seed=10 * seed)
        assert program.here("index", "--collection", name, f"{name}-pictures").code == 0
    return program


@pytest.fixture
def server(both: Program) -> Iterator[Served]:
    made(both, "first", "--tokens", "tokens.json")
    named = (word for name in NAMES for word in ("--collection", f"{name}={name}"))
    with serving(both, *named, "--tokens", "tokens.json") as running:
        yield running


def test_every_route_of_another_collection_is_refused(both: Program, server: Served) -> None:
    limited = made(both, "limited", "--tokens", "tokens.json", "--only", "teapots")  # while it runs
    asked = 0
    for path, methods in server.client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if operation["security"] == []:
                continue
            places = {
                name: re.sub(r"\{\w+\}", "999999", path.replace("{collection}", name)) for name in NAMES
            }
            of_others = ask(server, limited, method, places["trees"])
            if path == "/v1/collections":
                assert of_others.json()["collections"] == [{"name": "teapots", "images": 2}]
                continue
            assert (of_others.status_code, of_others.json()["detail"]) == (403, ONLY), (method, path)
            if "{collection}" in path:
                assert ask(server, limited, method, places["teapots"]).status_code != 403, (method, path)
                hidden = ask(server, limited, method, places["trees"].replace("trees", "nowhere"))
                assert hidden.json() == of_others.json()  # nor is it told which others there are
                asked += 1
    assert asked >= 25


def test_no_spelling_of_a_path_leads_around_it(both: Program, server: Served) -> None:
    limited = made(both, "limited", "--tokens", "tokens.json", "--only", "teapots")
    head = f"Authorization: Bearer {limited}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    for path in (
        "/v1/collections/%74rees/stats",
        "/v1/collections/teapots/../trees/stats",
        "/v1/collections/teapots%2F..%2Ftrees/stats",
        "//v1/collections/trees/stats",
        "/v1//collections/trees/stats",
        "/v1/collections/trees/stats/",
        "/v1/collections/trees/stats?collection=teapots",
        "/v1/collections/trees/images/1?collection=teapots",
        "/V1/collections/trees/stats",
    ):
        for method in ("GET", "HEAD", "POST"):
            answer = server.raw(f"{method} {path} HTTP/1.1\r\n{head}".encode())
            code = int(answer.split()[1])
            assert code in (307, 403, 404, 405, 422), (method, path, answer)
            assert b"trees-pictures" not in answer


def test_a_change_of_the_file_counts_at_the_next_request(both: Program, server: Served) -> None:
    path = "/v1/collections/{}/stats"
    token = made(both, "ada", "--tokens", "tokens.json", "--only", "teapots")
    assert [ask(server, token, "GET", path.format(name)).status_code for name in NAMES] == [200, 403]
    file = both.home / "tokens.json"
    file.write_text(file.read_text().replace('"teapots"', '"trees"'))
    assert [ask(server, token, "GET", path.format(name)).status_code for name in NAMES] == [403, 200]
    wide = made(both, "wide", "--tokens", "tokens.json", "--only", "teapots", "--only", "trees")
    assert [ask(server, wide, "GET", path.format(name)).status_code for name in NAMES] == [200, 200]
    assert ask(server, wide, "GET", "/metrics").status_code == 403  # of the server, also of later collections
    listed = both("token", "list", "--tokens", "tokens.json", "--json").json["tokens"]
    assert {one["name"]: one["collections"] for one in listed} == {
        "first": None, "ada": ["trees"], "wide": ["teapots", "trees"]
    }  # fmt: skip
    shown = both("token", "list", "--tokens", "tokens.json").out
    assert re.search(r"admin +teapots,trees +wide", shown)


def test_a_server_of_one_holds_them_to_its_name_on_both_paths(both: Program) -> None:
    own = made(both, "own", "--tokens", "tokens.json", "--only", "default")
    other = made(both, "other", "--tokens", "tokens.json", "--only", "teapots")
    with serving(both, "--collection", "trees", "--tokens", "tokens.json") as server:
        paths = (
            "/v1/stats", "/v1/collections/default/stats", "/v1/collections", "/metrics", "/c/banks",
            "/v1/images/1/file",
        )  # fmt: skip
        for path in paths:
            assert ask(server, own, "GET", path).status_code == 200, path
            assert ask(server, other, "GET", path).json()["detail"] == ONLY, path
