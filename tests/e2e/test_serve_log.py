"""A server that limits requests per token, writes its log as JSON, and counts what banks say."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from pictures import write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

LIMIT = 20


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    made = Program(tmp_path_factory.mktemp("logged"))
    write(made.home / "pictures", 3)
    assert made.here("index", "pictures").code == 0
    assert made.here("bank", "create", "known pictures").code == 0
    assert made.here("bank", "add", "known pictures", "pictures/picture-0000.png").code == 0
    return made


@pytest.fixture(scope="module")
def tokens(program: Program) -> dict[str, str]:
    words = ["--role", "search"]
    return {name: program.here("token", "create", name, *words).out.strip() for name in ("ada", "ben", "cy")}


@pytest.fixture(scope="module")
def server(program: Program, tokens: dict[str, str]) -> Iterator[Served]:
    with serving(program, "--requests-per-minute", str(LIMIT), "--log", "json") as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_that_asks_too_often_must_wait(server: Served, tokens: dict[str, str]) -> None:
    answers = [server.client.get("/v1/stats", headers=bearer(tokens["ada"])) for _ in range(LIMIT + 5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(1 <= int(answer.headers["retry-after"]) <= 3 for answer in refused)
    assert refused[0].json()["type"] == "urn:lookalike:problem:too-many-requests"
    assert "a token may send 20 requests a minute" in refused[0].json()["detail"]
    assert server.client.get("/v1/stats", headers=bearer(tokens["ben"])).status_code == 200
    assert {server.client.get("/livez").status_code for _ in range(LIMIT + 5)} == {200}  # takes no token


def test_a_line_of_log_is_an_object(server: Served, tokens: dict[str, str], program: Program) -> None:
    picture = (program.home / "pictures/picture-0000.png").read_bytes()
    answer = server.client.post(
        "/v1/search?secret=1", files={"file": ("my-face.png", picture)}, headers=bearer(tokens["ben"])
    )
    identity = answer.headers["x-request-id"]
    server.expect_log(identity)
    lines = [json.loads(line) for line in server.log.splitlines()]
    (line,) = (one for one in lines if one.get("id") == identity)
    assert line.keys() == {"time", "id", "client", "token", "method", "route", "status", "ms"}
    assert (line["token"], line["method"], line["route"]) == ("ben", "POST", "/v1/search")
    assert (line["status"], line["ms"] > 0) == (answer.status_code, True)
    refused = httpx.get(f"{server.url}/v1/images/17", headers=bearer("wrong-token"))
    server.expect_log(refused.headers["x-request-id"])
    for words in (*tokens.values(), "wrong-token", "my-face", "secret=1", "/17"):
        assert words not in server.log


def test_what_banks_say_is_counted(server: Served, tokens: dict[str, str], program: Program) -> None:
    for name in ("picture-0000.png", "picture-0000.png", "picture-0001.jpg"):
        files = {"file": ("a.png", (program.home / "pictures" / name).read_bytes())}
        assert server.client.post("/v1/check", files=files, headers=bearer(tokens["cy"])).status_code == 200
    shown = server.client.get("/metrics", headers=bearer(tokens["cy"])).text
    counts = re.findall(r"^lookalike_checks_total\{(.*)\} (\S+)$", shown, re.MULTILINE)
    assert dict(counts)['bank="known pictures",collection="default",verdict="identical"'] == "2.0"
    assert sum(float(count) for _, count in counts) == 3


def test_all_that_a_server_prints_is_json(program: Program, tokens: dict[str, str]) -> None:
    assert tokens
    process = program.fork("serve", "--port", "0", "--log", "json", stderr=subprocess.STDOUT)
    assert process.stdout is not None
    lines = [json.loads(process.stdout.readline()) for _ in range(2)]
    process.terminate()
    rest, _ = process.communicate(timeout=HANG_GUARD)
    assert all(map(json.loads, rest.splitlines()))
    assert [line["message"].split()[0] for line in lines] == ["Serving", "Callers"]
    assert all(line["time"].endswith("+00:00") for line in lines)
