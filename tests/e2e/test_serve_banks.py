"""Banks and checks over HTTP, while other processes change them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving


def started(program: Program) -> AbstractContextManager[Served]:
    write(program.home / "pictures", 4)
    assert program.here("index", "pictures", "-q").code == 0
    return serving(program)


@pytest.fixture
def server(program: Program) -> Iterator[Served]:
    with started(program) as running:
        yield running


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one bank, which is asked for nothing but what it refuses."""
    with started(Program(tmp_path_factory.mktemp("unchanged"))) as running:
        assert running.client.post("/v1/banks", data={"name": "here"}).status_code == 201
        yield running


def check(server: Served, picture: bytes) -> dict[str, Any]:
    answer = server.client.post("/v1/check", files={"file": ("picture", picture)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_banks_are_made_filled_and_asked(program: Program, server: Served) -> None:
    client = server.client
    made = client.post("/v1/banks", data={"name": "stolen", "fpr": "1e-5", "note": "of May"})
    assert made.status_code == 201, made.text
    state = {
        "name": "stolen", "negative": False, "enabled": True, "rule": "copies", "fpr": 1e-5, "note": "of May",
        "ratio": 1.0,
        "counts": {},
        "forgotten": 0,
    }  # fmt: skip
    assert made.json() == state
    assert client.post("/v1/banks", data={"name": "stolen"}).status_code == 422
    new, known = encoded(draw(50), "PNG"), (program.home / "pictures" / "picture-0000.png").read_bytes()
    answer = client.post(
        "/v1/banks/stolen/entries",
        data={"hashes": ["pdq:" + 32 * "f8", "md5:" + 32 * "0"], "note": "n", "tags": ["b", "a"]},
        files=[("files", ("new.png", new)), ("files", ("text", b"text")), ("files", ("known.png", known))],
    )
    assert answer.status_code == 200, answer.text
    added = answer.json()["added"]
    assert [(one["kind"], one["name"], one["known"]) for one in added] == [
        ("pdq", "", None), ("md5", "", None), ("picture", "new.png", False), ("picture", "known.png", True),
    ]  # fmt: skip
    assert str(program.home / "pictures" / "picture-0000.png") in added[3]["had"][0]["paths"]
    assert [one["name"] for one in answer.json()["rejected"]] == ["text"]
    assert client.get("/v1/banks").json()["banks"] == [
        {**state, "counts": {"md5": 1, "pdq": 1, "picture": 2}}
    ]
    found = check(server, encoded(draw(50).crop((4, 4, 90, 70)), "JPEG"))
    (result,) = found["results"]
    assert (found["reported"], result["verdict"], result["images"], result["fpr"]) == (True, "copy", 2, 1e-5)
    assert result["matches"][0]["value"] == hashlib.sha256(new).hexdigest()
    assert result["matches"][0]["tags"] == ["a", "b"]
    assert result["matches"][0]["match"]["evidence"]["verified"] is True
    assert not check(server, encoded(draw(60), "PNG"))["reported"]


def test_entries_come_page_by_page_and_go_one_by_one(server: Served) -> None:
    client = server.client
    client.post("/v1/banks", data={"name": "Großes Lager"})
    place = "/v1/banks/Gro%C3%9Fes%20Lager"
    hashes = [f"sha256:{number:064x}" for number in range(5)]
    assert client.post(f"{place}/entries", data={"hashes": hashes}).status_code == 200
    seen: list[str] = []
    after, pages = 0, 0
    while after is not None:
        page = client.get(f"{place}/entries", params={"limit": 2, "after": after}).json()
        seen += [one["value"] for one in page["entries"]]
        after, pages = page["next"], pages + 1
    assert ([f"sha256:{value}" for value in seen], pages) == (hashes, 3)
    (first,) = client.get(f"{place}/entries", params={"limit": 1}).json()["entries"]
    assert client.delete(f"{place}/entries/{first['entry_id']}").status_code == 204
    assert client.delete(f"{place}/entries/{first['entry_id']}").status_code == 404
    assert client.get("/v1/banks").json()["banks"][0]["counts"] == {"sha256": 4}
    assert client.delete(place).status_code == 204
    assert client.get(f"{place}/entries").status_code == 404


def test_a_running_server_sees_what_other_processes_change(program: Program, server: Served) -> None:
    known = program.home / "pictures" / "picture-0001.jpg"
    data = known.read_bytes()
    refused = server.client.post("/v1/check", files={"file": ("picture", data)})
    assert (refused.status_code, "no bank is enabled" in refused.json()["detail"]) == (422, True)
    program.here("bank", "create", "bad")
    empty = check(server, data)
    assert (empty["reported"], empty["remark"].split(":")[0]) == (False, "nothing to compare with")
    program.here("bank", "add", "bad", known)
    assert check(server, data)["reported"]
    program.here("bank", "create", "harmless", "--negative")
    program.here("bank", "add", "harmless", known)
    assert not check(server, data)["reported"]
    changed = server.client.patch("/v1/banks/harmless", data={"enabled": "false", "note": "wrong"})
    assert (changed.json()["enabled"], changed.json()["note"]) == (False, "wrong")
    changed = server.client.patch("/v1/banks/bad", data={"fpr": "1e-5", "rule": "similar"})
    state = changed.json()
    assert (state["fpr"], state["rule"], state["enabled"]) == (1e-5, "similar", True)
    refused = server.client.patch("/v1/banks/bad", data={"fpr": "1", "note": "never written"})
    assert (refused.status_code, server.client.get("/v1/banks").json()["banks"][0]["note"]) == (422, "")
    assert check(server, data)["reported"]
    program.here("remove", known)
    (bad, _) = server.client.get("/v1/banks").json()["banks"]
    assert (bad["counts"], bad["forgotten"]) == ({"picture": 1}, 1)
    assert check(server, encoded(draw(90), "PNG"))["remark"].startswith("1 known picture is compared by the ")
    assert check(server, data)["reported"]  # the same bytes
    program.here("bank", "remove", "bad", "--entry", "1")
    assert not check(server, data)["reported"]


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("POST", "/v1/banks", {"name": "../x"}, 422),
        ("POST", "/v1/banks", {"name": "x", "rule": "all"}, 422),
        ("POST", "/v1/banks", {"name": "x", "fpr": "0"}, 422),
        ("POST", "/v1/banks", {"name": "x", "note": "a\nb"}, 422),
        ("POST", "/v1/banks/none/entries", {"hashes": ["md5:" + 32 * "0"]}, 404),
        ("POST", "/v1/banks/none/entries", {"hashes": ["md5:0"]}, 404),
        ("POST", "/v1/banks/none/entries", {}, 422),
        ("PATCH", "/v1/banks/none", {"enabled": "true"}, 404),
        ("DELETE", "/v1/banks/none", {}, 404),
        ("GET", "/v1/banks/..%2f..%2fetc%2fpasswd/entries", {}, 404),
        ("POST", "/v1/check", {}, 422),
        ("POST", "/v1/check", {"url": "file:///etc/passwd"}, 422),
        ("POST", "/v1/check", {"url": "http://127.0.0.1/a.png"}, 422),
    ],
)
def test_what_makes_no_sense_is_a_problem(
    unchanged: Served, method: str, path: str, data: dict[str, Any], status: int
) -> None:
    answer = unchanged.client.request(method, path, data=data)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [bank["name"] for bank in unchanged.client.get("/v1/banks").json()["banks"]] == ["here"]


def test_banks_take_json_and_bare_pictures(program: Program, server: Served) -> None:
    client = server.client
    made = client.post("/v1/banks", json={"name": "j", "negative": False, "fpr": 1e-5})
    assert (made.status_code, made.json()["fpr"]) == (201, 1e-5)
    picture, other = encoded(draw(70), "PNG"), encoded(draw(71), "PNG")
    body = {"image": base64.b64encode(picture).decode(), "hashes": ["md5:" + 32 * "1"], "tags": ["a", "b"]}
    added = client.post("/v1/banks/j/entries", json=body).json()["added"]
    assert [one["kind"] for one in added] == ["md5", "picture"]
    headers = {"Content-Type": "image/png"}
    raw = client.post("/v1/banks/j/entries?note=n&tags=c", content=other, headers=headers).json()
    assert [one["value"] for one in raw["added"]] == [hashlib.sha256(other).hexdigest()]
    entries = client.get("/v1/banks/j/entries").json()["entries"]
    assert [(one["note"], one["tags"]) for one in entries] == [("", ["a", "b"])] * 2 + [("n", ["c"])]
    wanted = check(server, picture)
    assert wanted["reported"]
    assert client.post("/v1/check", json={"image": body["image"]}).json() == wanted
    assert client.post("/v1/check", content=picture, headers=headers).json() == wanted
    lines = "\n".join(json.dumps(x) for x in ({"id": 1, "image": body["image"]}, {"image": "AAAA"}))
    answer = client.post("/v1/check", content=lines, headers={"Content-Type": "application/x-ndjson"})
    first, second = map(json.loads, answer.text.splitlines())
    assert first == {"line": 1, "id": 1, **wanted}
    assert second["problem"]["type"].endswith("unreadable-image")
    changed = client.patch("/v1/banks/j", json={"enabled": False, "note": "off"}).json()
    assert (changed["enabled"], changed["note"]) == (False, "off")
    for body, said in (({"enable": True}, "did you mean enabled?"), ({"enabled": 7}, "enabled: ")):
        refused = client.patch("/v1/banks/j", json=body)
        assert refused.status_code == 422
        assert said in refused.json()["detail"]
    empty = client.post("/v1/banks/j/entries", json={"hashes": []})
    assert "send files, hashes, or both" in empty.json()["detail"]
    picture_sent = client.patch("/v1/banks/j", content=picture, headers=headers)
    assert "send a form" in picture_sent.json()["detail"]


def test_pictures_for_a_bank_keep_their_names(server: Served) -> None:
    server.client.post("/v1/banks", data={"name": "named"})
    picture = encoded(draw(72), "PNG")
    server.client.post("/v1/banks/named/entries", files=[("files", ("case 17.png", picture))])
    (result,) = check(server, picture)["results"]
    assert result["matches"][0]["match"]["name"] == "case 17.png"
