"""A search, a comparison and an addition say the same in a form, in JSON, as a raw picture and by lines."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving

PICTURE = encoded(draw(4), "JPEG", quality=60)
OTHER = encoded(draw(2), "PNG")
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = Program(tmp_path_factory.mktemp("bodies"))
    write(program.home / "pictures", 6)
    assert program.here("index", "pictures").code == 0
    with serving(program, environment={"LOOKALIKE_MAX_UPLOAD_BYTES": "2000000"}) as running:
        yield running


def text(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def plain(answer: httpx.Response | dict[str, Any]) -> dict[str, Any]:
    """An answer without the times that it took."""
    if isinstance(answer, httpx.Response):
        assert answer.status_code == 200, answer.text
        answer = answer.json()
    return {name: value for name, value in answer.items() if name not in ("took", "line", "id")}


def by_lines(server: Served, *lines: object) -> list[dict[str, Any]]:
    content = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = server.client.post("/v1/search", content=content.encode(), headers=LINES)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.splitlines()]


class TestSearch:
    FIELDS: ClassVar[dict[str, Any]] = {"k": 3, "exact": True, "metric": "euclidean", "max_distance": 1.5}

    def test_every_body_gets_the_same_answer(self, server: Served) -> None:
        wanted = plain(server.ask(PICTURE, **self.FIELDS))
        assert len(wanted["matches"]) == 3
        post = server.client.post
        assert plain(post("/v1/search", json={"image": text(PICTURE), **self.FIELDS})) == wanted
        wrapped = base64.encodebytes(PICTURE).decode()
        assert plain(post("/v1/search", json={"image": wrapped, "recall": None, **self.FIELDS})) == wanted
        for kind in ("image/jpeg", "image/png", "application/octet-stream", "Image/JPEG; x=y"):
            headers = {"Content-Type": kind}
            answer = post("/v1/search", params=self.FIELDS, content=PICTURE, headers=headers)
            assert plain(answer) == wanted
        (line,) = by_lines(server, {"id": "a", "image": text(PICTURE), **self.FIELDS})
        assert (line["line"], line["id"], plain(line)) == (1, "a", wanted)

    def test_json_may_name_an_image_or_a_url(self, server: Served) -> None:
        wanted = plain(server.ask(2, k=2))
        assert plain(server.client.post("/v1/search", json={"image_id": 2, "k": 2})) == wanted
        refused = server.client.post("/v1/search", json={"url": "http://127.0.0.1/"})
        assert refused.json()["type"] == "urn:lookalike:problem:fetch-error"

    def test_several_pictures_in_one_object(self, server: Served) -> None:
        answer = server.client.post("/v1/search/batch", json={"images": [text(PICTURE), text(OTHER)], "k": 1})
        found = [result["matches"][0]["image_id"] for result in answer.json()["results"]]
        assert found == [server.search(each, k=1)["matches"][0]["image_id"] for each in (PICTURE, OTHER)]

    @pytest.mark.parametrize(
        ("given", "status", "said"),
        [
            ({"json": {"image": text(PICTURE), "max_dist": 0.1}}, 422, "did you mean max_distance?"),
            ({"json": {"image": "no base64!"}}, 422, "image: is no base64"),
            ({"json": {"image": 7}}, 422, "image: must be a picture's bytes in base64"),
            ({"json": {"image": text(b"text")}}, 422, "not a JPEG"),
            ({"json": {"image_id": 1, "k": 0}}, 422, "k: "),
            ({"json": {"image_id": 1, "k": {}}}, 422, "k: must be text, a number"),
            ({"content": rb'{"folder": "\ud800"}', "type": "application/json"}, 422, "folder: "),
            ({"json": {"image_id": 1, "url": "http://a.b/"}}, 422, "exactly one of"),
            ({"json": {}}, 422, "exactly one of"),
            ({"json": [1]}, 400, "must be a JSON object"),
            ({"json": {"image_id": [[1] * 10001]}}, 400, "10,000 values"),
            ({"content": b'{"image_id": NaN}', "type": "application/json"}, 400, "NaN is no number"),
            ({"content": b'{"image_id":', "type": "application/json"}, 400, "is no JSON"),
            ({"content": b'{"a":' + b"[" * 9000, "type": "application/json"}, 400, "is no JSON"),
            ({"content": b"", "type": "image/png"}, 422, "empty"),
            ({"content": b"text", "type": "image/png"}, 422, "not a JPEG"),
            ({"content": PICTURE, "type": "text/plain"}, 422, "send a form"),
            ({"content": PICTURE, "type": "image/png", "params": {"kk": "1"}}, 422, "did you mean k?"),
            ({"content": PICTURE, "type": "image/png", "params": {"k": "0"}}, 422, "k: "),
            ({"content": bytes(2_000_001), "type": "image/png"}, 413, "longer than"),
            ({"content": b" " * 2_000_001, "type": "application/json"}, 413, "longer than"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said(
        self, given: dict[str, Any], status: int, said: str, server: Served
    ) -> None:
        kind = given.pop("type", None)
        headers = {"Content-Type": kind} if kind else {}
        answer = server.client.post("/v1/search", **given, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert said in answer.json()["detail"]


class TestCompare:
    def test_every_body_gets_the_same_answer(self, server: Served) -> None:
        post = server.client.post
        wanted = plain(post("/v1/compare", files={"a": PICTURE, "b": OTHER}))
        assert plain(post("/v1/compare", json={"a": text(PICTURE), "b": text(OTHER)})) == wanted
        wanted = plain(post("/v1/compare", files={"a": PICTURE}, data={"b_id": "3"}))
        assert plain(post("/v1/compare", json={"a": text(PICTURE), "b_id": 3})) == wanted
        headers = {"Content-Type": "image/jpeg"}
        assert plain(post("/v1/compare?b_id=3", content=PICTURE, headers=headers)) == wanted


class TestImages:
    def test_every_body_adds(self, server: Served) -> None:
        post = server.client.post
        new = [encoded(draw(seed), "PNG") for seed in (21, 22, 23, 24)]
        raw = post("/v1/images", content=new[0], headers={"Content-Type": "image/png"})
        one = post("/v1/images", json={"image": text(new[1])})
        two = post("/v1/images", json={"images": [text(new[2]), text(b"text"), text(new[3])]})
        added = [each for answer in (raw, one, two) for each in answer.json()["added"]]
        assert [each["sha256"] for each in added] == [hashlib.sha256(data).hexdigest() for data in new]
        assert all(each["new"] for each in added)
        assert [each["reason"][:10] for each in two.json()["rejected"]] == ["not a JPEG"]
        for each, data in zip(added, new, strict=True):
            assert server.client.get(f"/v1/images/{each['image_id']}/file").content == data
            assert server.client.delete(f"/v1/images/{each['image_id']}").status_code == 204


class TestLines:
    def test_each_has_its_answer_in_order(self, server: Served) -> None:
        lines = [{"id": {"row": row}, "image_id": row % 6 + 1, "k": row % 3 + 1} for row in range(40)]
        answers = by_lines(server, *lines)
        assert [answer["line"] for answer in answers] == list(range(1, 41))
        assert [answer["id"] for answer in answers] == [line["id"] for line in lines]
        for line, answer in zip(lines, answers, strict=True):
            assert [match["image_id"] for match in answer["matches"]][:1] == [line["image_id"]]
            assert len(answer["matches"]) == line["k"]

    def test_a_bad_one_does_not_stop_the_others(self, server: Served) -> None:
        answers = by_lines(
            server,
            {"image_id": 1, "k": 1},
            "no JSON",
            "",
            {"id": 3, "image": text(b"text")},
            {"id": 4, "image_id": 999},
            {"id": 5, "image_id": 1, "max_dist": 1},
            {"id": 6, "image": text(PICTURE), "k": 1},
        )
        assert [answer["line"] for answer in answers] == [1, 2, 4, 5, 6, 7]
        assert [answer["id"] for answer in answers] == [None, None, 3, 4, 5, 6]
        problems = [answer.get("problem") for answer in answers]
        assert [problem and problem["status"] for problem in problems] == [None, 400, 422, 404, 422, None]
        assert "max_distance" in problems[4]["detail"]
        assert plain(answers[-1]) == plain(server.ask(PICTURE, k=1))

    def test_answers_come_while_the_rest_is_worked_on(self, server: Served) -> None:
        content = b'{"image_id": 1}\n' * 1000
        with server.client.stream("POST", "/v1/search", content=content, headers=LINES) as answer:
            lines = answer.iter_lines()
            assert json.loads(next(lines))["line"] == 1
            # Whoever hangs up gets no more: the server is free for others at once.
        assert server.search(1, k=1)["matches"][0]["image_id"] == 1
        assert server.metric("lookalike_pictures_in_work") <= 2

    def test_limits_hold(self, server: Served) -> None:
        assert len(by_lines(server, *["{}"] * 1000)) == 1000
        answer = server.client.post("/v1/search", content=b"{}\n" * 1001, headers=LINES)
        assert (answer.status_code, answer.json()["detail"]) == (
            422,
            "send at most 1,000 lines at a time, not 1,001",
        )
        answer = server.client.post("/v1/search?k=1", content=b"{}", headers=LINES)
        assert answer.json()["detail"] == "k: there is no such query parameter; this request takes none"
        answer = server.client.post("/v1/search", content=bytes(2_000_001), headers=LINES)
        assert answer.status_code == 413
