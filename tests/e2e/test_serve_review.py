"""Cases over HTTP: kept by checks, listed, looked at, decided."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from PIL import Image

from hostile import encoded
from lookalike import AsyncClient, Client
from pictures import draw, write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

COPY = encoded(draw(1).crop((3, 2, 92, 70)), "JPEG")


def started(program: Program) -> AbstractContextManager[Served]:
    write(program.home / "pictures", 3)
    assert program.here("bank", "create", "stolen").code == 0
    assert program.here("bank", "add", "stolen", "pictures", "-q").code == 0
    return serving(program)


@pytest.fixture
def server(program: Program) -> Iterator[Served]:
    with started(program) as running:
        yield running


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without a case, which is asked for nothing but what it refuses."""
    with started(Program(tmp_path_factory.mktemp("unchanged"))) as running:
        yield running


def check(server: Served, picture: bytes, **fields: str) -> dict[str, Any]:
    answer = server.client.post("/v1/check", files={"file": ("cat.jpg", picture)}, data=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_case_is_kept_looked_at_and_decided(program: Program, server: Served) -> None:
    client = server.client
    assert check(server, COPY)["cases"] == []
    assert client.get("/v1/reviews").json()["cases"] == []
    (case_id,) = check(server, COPY, keep="true")["cases"]
    listed = client.get("/v1/reviews", params={"state": "waiting"}).json()
    assert (listed["counts"]["waiting"], listed["next"]) == (1, None)
    (case,) = listed["cases"]
    assert (case["case_id"], case["name"], case["bank"]) == (case_id, "cat.jpg", "stolen")
    assert case["sha256"] == hashlib.sha256(COPY).hexdigest()
    assert client.get(f"/v1/reviews/{case_id}").json() == case
    for side, size in (("picture", (89, 68)), ("known", draw(1).size)):
        answer = client.get(f"/v1/reviews/{case_id}/{side}")
        assert answer.headers["cache-control"] == "private, no-store"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == size
    url = f"/v1/reviews/{case_id}/decision"
    decided = client.post(url, data={"decision": "not-a-match", "who": "Ada"}).json()
    assert (decided["state"], decided["who"], decided["logged"]) == ("not a match", "Ada", 1)
    for spelled in ("not a match", "not-a-match"):
        (listed,) = client.get("/v1/reviews", params={"state": spelled}).json()["cases"]
        assert listed == decided
    answer = check(server, COPY, keep="true")
    assert (answer["reported"], answer["cases"], answer["results"][0]["dismissed"]) == (False, [], 1)
    assert client.get("/v1/reviews").json()["counts"]["not a match"] == 1
    # What another process decides holds here from the next check on.
    assert program.here("review", "decide", "confirm", str(case_id), "--replaces", "1").code == 0
    answer = check(server, COPY)
    assert answer["results"][0]["matches"][0]["decision"] == "confirmed"


def test_clients_can_keep_what_they_check(program: Program, server: Served) -> None:
    path = program.home / "Fähre 渡し船.jpg"
    path.write_bytes(COPY)
    with Client(server.url) as client:
        assert client.check(path).cases == ()
        (case_id,) = client.check(path, keep=True).cases
        assert client.check(COPY, keep=True).cases == (case_id,)
        assert client.check(encoded(draw(40), "PNG"), keep=True).cases == ()
        no_text = program.home / os.fsdecode(b"f\xe4hre.jpg")  # a name in Latin-1
        no_text.write_bytes(COPY)
        assert client.check(no_text, keep=True).cases == (case_id,)

    async def kept() -> tuple[int, ...]:
        async with AsyncClient(server.url) as client:
            return (await client.check(path, keep=True)).cases

    assert asyncio.run(kept()) == (case_id,)
    (case,) = server.client.get("/v1/reviews").json()["cases"]
    assert (case["case_id"], case["name"]) == (case_id, str(path))


def test_pictures_that_are_gone_are_told_of(program: Program, server: Served) -> None:
    client = server.client
    (first,) = check(server, COPY, keep="true")["cases"]
    data = encoded(draw(40), "PNG")
    program.here("bank", "add", "stolen", "--hash", "sha256:" + hashlib.sha256(data).hexdigest())
    (second,) = check(server, data, keep="true")["cases"]
    (file,) = (program.home / "pictures").glob("picture-0001.*")
    file.unlink()
    small = client.get(f"/v1/reviews/{first}/known")  # the small picture of the catalog
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert client.get(f"/v1/reviews/{second}/known").status_code == 404
    assert (
        client.delete(f"/v1/images/{client.get(f'/v1/reviews/{first}').json()['image_id']}").status_code
        == 204
    )
    assert client.get(f"/v1/reviews/{first}/known").status_code == 404
    assert client.get(f"/v1/reviews/{first}").json()["image_id"] is None
    program.here("bank", "remove", "stolen", "--hash", "sha256:" + hashlib.sha256(data).hexdigest())
    assert client.get(f"/v1/reviews/{second}").json()["state"] == "gone"
    counts = client.get("/v1/reviews").json()["counts"]
    assert (counts["waiting"], counts["gone"]) == (1, 1)
    assert client.get("/v1/reviews", params={"bank": "stolen", "limit": 1}).json()["next"] == first
    client.delete("/v1/banks/stolen")
    assert client.get("/v1/reviews").json()["cases"] == []
    assert client.get(f"/v1/reviews/{first}/picture").status_code == 404


def test_the_page_needs_no_token_and_its_pictures_do(program: Program) -> None:
    program.here("bank", "create", "stolen")
    (program.home / "token").write_text("secret-word-of-this-test")
    with serving(program, "--token", program.home / "token") as server:
        page = server.client.get("/review")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        for path in ("/v1/reviews", "/v1/reviews/1", "/v1/reviews/1/picture", "/v1/reviews/1/known"):
            assert server.client.get(path).status_code == 401
        assert server.client.post("/v1/reviews/1/decision").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("GET", "/v1/reviews?state=maybe", {}, 422),
        ("GET", "/v1/reviews?bank=none", {}, 404),
        ("GET", "/v1/reviews?stat=waiting", {}, 422),
        ("GET", "/v1/reviews/99", {}, 404),
        ("GET", "/v1/reviews/99/picture", {}, 404),
        ("POST", "/v1/reviews/99/decision", {"decision": "confirmed", "who": "a"}, 404),
        ("POST", "/v1/reviews/1/decision", {"decision": "maybe", "who": "a"}, 422),
        ("POST", "/v1/reviews/1/decision", {"decision": "confirmed"}, 422),
        ("POST", "/v1/reviews/1/decision", {"decision": "confirmed", "who": " \n"}, 422),
    ],
)
def test_what_makes_no_sense_is_a_problem(
    unchanged: Served, method: str, path: str, data: dict[str, Any], status: int
) -> None:
    answer = unchanged.client.request(method, path, data=data)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_of_two_reviewers_at_once_the_second_is_told(program: Program, server: Served) -> None:
    (case_id,) = check(server, COPY, keep="true")["cases"]
    decisions = ["confirmed", "not a match", "unsure"] * 4
    url = f"{server.url}/v1/reviews/{case_id}/decision"

    def decide(number: int) -> httpx.Response:
        data = {"decision": decisions[number], "who": f"reviewer {number}"}
        return httpx.post(url, data=data, timeout=HANG_GUARD)

    with ThreadPoolExecutor(len(decisions)) as pool:
        answers = list(pool.map(decide, range(len(decisions))))
    (won,) = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code != 200]
    assert {(one["status"], one["type"]) for one in lost} == {(409, "urn:lookalike:problem:conflict")}
    said = f"case {case_id} was decided: {decisions[won]}, by reviewer {won}, "
    assert all(one["detail"].startswith(said) for one in lost)
    assert all(one["detail"].endswith("say that this replaces entry 1 of the audit log") for one in lost)
    client = server.client
    assert client.get(f"/v1/reviews/{case_id}").json()["who"] == f"reviewer {won}"
    other = {"decision": "unsure", "who": "Ada", "replaces": "2"}
    assert client.post(url, data=other).status_code == 409
    replaced = client.post(url, data={**other, "replaces": "1"}).json()
    assert (replaced["decision"], replaced["who"], replaced["logged"]) == ("unsure", "Ada", 2)
    log = [json.loads(line) for line in program.here("audit", "export").out.splitlines()]
    assert [(one["who"], one["what"], one["replaces"]) for one in log] == [
        (f"reviewer {won}", decisions[won], None), ("Ada", "unsure", 1),
    ]  # fmt: skip
    assert program.here("audit", "verify").code == 0
