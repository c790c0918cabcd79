"""Tokens with roles: made, used, revoked while the server runs."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

ROLES = {
    "search": {"search"},
    "add": {"add", "search"},
    "review": {"review", "search"},
    "admin": {"search", "add", "review", "admin"},
}


def indexed(program: Program) -> Program:
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    return program


def made(program: Program, name: str, role: str, *options: str | Path) -> str:
    done = program.here("token", "create", name, "--role", role, *options)
    assert done.code == 0, done.err
    assert f"token of {name}, role {role}" in done.err
    (token,) = done.out.splitlines()
    return token


def status(server: Served, token: str | None, method: str = "GET", path: str = "/v1/stats") -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.request(method, server.url + path, headers=headers, timeout=HANG_GUARD).status_code


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return indexed(Program(tmp_path_factory.mktemp("team")))


@pytest.fixture(scope="module")
def tokens(team: Program) -> dict[str, str]:
    """A token of each role, by role."""
    return {role: made(team, f"{role}-bot", role) for role in ROLES}


@pytest.fixture(scope="module")
def server(team: Program, tokens: dict[str, str]) -> Iterator[Served]:
    with serving(team) as running:
        yield running


def test_each_route_takes_the_roles_that_its_description_says(server: Served, tokens: dict[str, str]) -> None:
    described = server.client.get("/openapi.json").json()
    asked = 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            place = re.sub(r"\{\w+\}", "999999", path)
            if operation["security"] == []:
                assert status(server, None, method, place) == 200
                continue
            ((role,),) = (scheme["bearer"] for scheme in operation["security"] if scheme)
            assert status(server, None, method, place) == 401
            for own, includes in ROLES.items():
                refused = status(server, tokens[own], method, place) == 403
                assert refused == (role not in includes), (own, method, path)
                asked += 1
    assert asked >= 4 * 39


def test_a_refusal_says_what_would_do(server: Served, tokens: dict[str, str]) -> None:
    answer = server.client.post(
        "/v1/images",
        files={"files": ("a.png", encoded(draw(9), "PNG"))},
        headers={"Authorization": f"Bearer {tokens['search']}"},
    )
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "this takes a token of the role add, and yours has search"


def test_the_description_tells_of_roles(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    scheme = described["components"]["securitySchemes"]["bearer"]
    assert "`add` includes search" in scheme["description"]
    assert "of the role <b>review</b>" in server.client.get("/docs").text


def test_who_may_only_search_keeps_nothing_and_decisions_name_their_token(
    team: Program, server: Served, tokens: dict[str, str]
) -> None:
    def ask(role: str, path: str, **sent: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens[role]}"}
        return httpx.post(f"{server.url}/v1/{path}", headers=headers, timeout=HANG_GUARD, **sent)

    assert (
        team.here("bank", "create", "stolen").code == team.here("bank", "add", "stolen", "pictures").code == 0
    )
    picture = {"file": ("upload.png", encoded(draw(1), "PNG"))}
    refused = ask("search", "check", files=picture, data={"keep": "true"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:lookalike:problem:forbidden")
    line = json.dumps({"image": base64.b64encode(picture["file"][1]).decode(), "keep": True}).encode()
    by_line = httpx.post(
        f"{server.url}/v1/check",
        content=line,
        headers={"Authorization": f"Bearer {tokens['search']}", "Content-Type": "application/x-ndjson"},
        timeout=HANG_GUARD,
    )
    assert by_line.json()["problem"]["status"] == 403
    assert ask("search", "check", files=picture).json()["reported"]
    assert team.here("review", "list", "--json").json["cases"] == []
    kept = ask("add", "check", files=picture, data={"keep": "true"})
    assert kept.json()["reported"]
    (case,) = team.here("review", "list", "--json").json["cases"]
    decided = ask(
        "review", f"reviews/{case['case_id']}/decision", data={"decision": "confirmed", "who": "ada"}
    )
    assert decided.json()["who"] == "ada"
    (entry,) = map(json.loads, team.here("audit", "export").out.splitlines())
    assert (entry["who"], entry["token"]) == ("ada", "review-bot")


@pytest.mark.parametrize("options", [(), ("--no-token",)])
def test_the_start_says_that_callers_need_a_token_and_why(
    options: tuple[str, ...], team: Program, tokens: dict[str, str]
) -> None:
    process = team.fork("serve", "--port", "0", *options, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    process.send_signal(signal.SIGTERM)
    lines += process.stdout.read().splitlines()
    assert process.wait(HANG_GUARD) == 0
    process.stdout.close()
    said = [line.decode() for line in lines if b"token" in line]
    if options:
        assert said == []
    else:
        (line,) = said
        assert line.startswith("Callers need a token, since ")
        assert str(team.collection / "tokens.json") in line
        assert "--no-token" in line


def test_no_token_gets_into_the_log(server: Served, tokens: dict[str, str]) -> None:
    assert status(server, tokens["admin"]) == 200
    server.expect_log("GET /v1/stats 200")
    assert not any(token in server.log for token in tokens.values())


def test_one_made_or_revoked_counts_without_a_restart(program: Program) -> None:
    """By a server of two processes that let everybody in before the first token was made."""
    indexed(program)
    with serving(program, "--processes", "2") as server:

        def each(token: str | None) -> set[int]:  # by new connections, which both processes take
            return {status(server, token) for _ in range(12)}

        assert each(None) == {200}
        ada = made(program, "ada", "search")
        assert (each(None), each(ada), each(ada + "x")) == ({401}, {200}, {401})
        ben = made(program, "ben", "admin")
        done = program.here("token", "revoke", "ada")
        assert (done.code, done.out) == (0, "The token of ada is not accepted any more.\n")
        assert (each(ada), each(ben)) == ({401}, {200})
        assert program.here("token", "revoke", "ben").code == 0
        assert (each(None), each(ben)) == ({401}, {401})
    with serving(program) as server:
        assert status(server, None) == 401


def test_a_secret_and_tokens_are_both_taken(program: Program, tmp_path: Path) -> None:
    indexed(program)
    named = tmp_path / "team.json"
    ada = made(program, "ada", "search", "--tokens", named)
    assert not (program.collection / "tokens.json").exists()
    (tmp_path / "secret").write_text("open-sesame")
    with serving(program, "--tokens", named, "--token", tmp_path / "secret", "--host", "0.0.0.0") as server:
        assert [status(server, token) for token in (None, ada, "open-sesame", "-")] == [401, 200, 200, 401]
        for token, expected in ((ada, 403), ("open-sesame", 204)):
            assert status(server, token, "DELETE", "/v1/images/1") == expected
    with serving(program, "--host", "0.0.0.0", "--tokens", named) as server:
        assert [status(server, token) for token in (None, ada)] == [401, 200]
    with serving(program, "--no-token") as server:
        assert status(server, None) == 200


def test_what_cannot_be_is_said_at_once(program: Program, tmp_path: Path) -> None:
    named = tmp_path / "tokens.json"
    done = program.here("token", "create", "ada", "--role", "search")
    assert (done.code, "there is no collection at" in done.err) == (3, True)
    indexed(program)
    done = program.here("serve", "--tokens", named)
    assert (done.code, "there is no file of tokens" in done.err) == (3, True)
    done = program.here("serve", "--tokens", named, "--no-token")
    assert (done.code, "--tokens FILE and --no-token are opposites" in done.err) == (2, True)
    (program.collection / "tokens.json").write_text("{}")
    for command in (("serve",), ("token", "list"), ("token", "create", "a", "--role", "add")):
        done = program.here(*command)
        assert (done.code, "is no file of tokens" in done.err) == (4, True)
    assert program.here("token", "create", "a", "--role", "king").code == 2


def test_they_are_listed(program: Program) -> None:
    indexed(program)
    answers: Callable[..., dict[str, object]] = lambda *words: program.here("token", *words, "--json").json  # noqa: E731
    first = answers("create", "ada", "--role", "search")
    assert (first["schema"], first["name"], first["role"]) == ("lookalike.token/1", "ada", "search")
    made(program, "ben", "admin")
    listed = answers("list")["tokens"]
    assert isinstance(listed, list)
    assert [(one["name"], one["role"]) for one in listed] == [("ada", "search"), ("ben", "admin")]
    shown = program.here("token", "list").out
    assert [line.split()[1:] for line in shown.splitlines()] == [
        ["role", "collections", "name"], ["search", "all", "ada"], ["admin", "all", "ben"]
    ]  # fmt: skip
    assert str(first["token"]) not in shown
