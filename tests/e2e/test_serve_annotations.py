"""Metadata, tags and names of pictures over HTTP and on the command line."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving

FIRST, SECOND = encoded(draw(40), "PNG"), encoded(draw(41), "JPEG")
JSON = {"Content-Type": "application/json"}
RAW = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    made = Program(tmp_path_factory.mktemp("annotated"))
    write(made.home / "pictures", 6)
    lines = [
        {"path": f"pictures/{path.name}", "metadata": {"number": number}, "tags": ["old", f"n{number % 2}"]}
        for number, path in enumerate(pictures(made))
    ]
    (made.home / "said.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = made.here("index", "pictures", "--metadata", "said.jsonl", "--json")
    assert (done.code, done.json["added"], done.json["annotated"]) == (0, 6, 6)
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(program) as running:
        yield running


def pictures(program: Program) -> list[Path]:
    return sorted((program.home / "pictures").iterdir())


def listed(server: Served, query: str) -> list[dict[str, Any]]:
    answer = server.client.get(f"/v1/images?{query}")
    assert answer.status_code == 200, answer.text
    images: list[dict[str, Any]] = answer.json()["images"]
    return images


def test_uploads_in_every_body_keep_what_is_said(server: Served) -> None:
    post = server.client.post
    both = [("files", ("C:\\fakepath\\Sea Ü.png", FIRST)), ("files", ("b.jpg", SECOND))]
    form = {"metadata": '{"shop": 12, "deep": {"a": [1]}}', "tags": ["new", "sea"]}
    added = post("/v1/images", files=both, data=form).json()["added"]
    assert [one["name"] for one in added] == ["Sea Ü.png", "b.jpg"]
    for one, name in zip(added, ("Sea Ü.png", "b.jpg"), strict=True):
        known = server.client.get(f"/v1/images/{one['image_id']}").json()
        assert (known["name"], known["metadata"], known["tags"]) == (
            name, {"shop": 12, "deep": {"a": [1]}}, ["new", "sea"]
        )  # fmt: skip
    image = base64.b64encode(FIRST).decode()
    said = {"image": image, "name": "other.png", "metadata": {"shop": None, "floor": "2"}, "tags": []}
    (again,) = post("/v1/images", json=said).json()["added"]
    assert (again["image_id"], again["new"]) == (added[0]["image_id"], False)
    query = "/v1/images?name=raw.png&tags=x&tags=y&metadata=%7B%22floor%22%3A3%7D"
    (match,) = server.search(FIRST, k=1)["matches"]
    assert (match["name"], match["metadata"], match["tags"]) == (
        "other.png", {"deep": {"a": [1]}, "floor": "2"}, []
    )  # fmt: skip
    (raw,) = post(query, content=FIRST, headers=RAW).json()["added"]
    assert raw["name"] == "raw.png"
    (match,) = server.search(FIRST, k=1)["matches"]
    assert (match["name"], match["metadata"]["floor"], match["tags"]) == ("raw.png", 3, ["x", "y"])
    assert match["path"].endswith(f"{raw['sha256']}.png")
    kept = server.client.get(f"/v1/images/{raw['image_id']}/file")
    assert kept.headers["content-disposition"] == "inline; filename*=UTF-8''raw.png"
    # Bytes without a name leave the name as it is.
    post("/v1/images", content=FIRST, headers=RAW)
    assert server.search(FIRST, k=1)["matches"][0]["name"] == "raw.png"


def test_what_is_said_changes_by_patch(server: Served, program: Program) -> None:
    patch = server.client.patch
    path = pictures(program)[3]
    (image,) = listed(server, "meta.number=3")
    assert (image["paths"], image["name"], image["tags"]) == ([str(path)], path.name, ["n1", "old"])
    place = f"/v1/images/{image['image_id']}"
    changed = patch(place, json={"metadata": {"colour": "red", "number": None}, "tags": ["t"]}).json()
    assert (changed["metadata"], changed["tags"]) == ({"colour": "red"}, ["t"])
    assert changed == server.client.get(place).json()
    assert patch(place, json={"tags": []}).json()["tags"] == []
    assert patch(place, data={"metadata": '{"number": 3, "colour": null}'}).json()["metadata"] == {
        "number": 3
    }
    assert patch(place, data={"tags": ["old", "n1"]}).json()["tags"] == ["n1", "old"]
    assert patch(place, json={}).json()["metadata"] == {"number": 3}
    assert patch("/v1/images/999", json={"tags": ["a"]}).status_code == 404


def test_every_surface_filters_alike(server: Served, program: Program) -> None:
    query = pictures(program)[2]
    odd = [path.name for path in pictures(program)[1::2]]
    found: list[list[str]] = [
        [match["name"] for match in answer["matches"]]
        for answer in (
            server.search(query.read_bytes(), tag="n1"),
            server.client.post("/v1/search", json={"image_id": 3, "tag": ["old", "n1"]}).json(),
            server.client.post("/v1/search?tag=old&tag=n1", content=query.read_bytes(), headers=RAW).json(),
            program.here("search", query, "--tag", "old", "--tag", "n1", "--json").json,
            program.here("search", query, "--tag", "n1", "--json", "--server", server.url).json,
        )
    ]
    assert sorted(found[0]) == odd
    assert found == [found[0]] * 5
    for asked in (
        {"image_id": 3, "meta": {"number": 4}},
        {"image_id": 3, "meta.number": "4"},
        {"image_id": 3, "meta": ["number=4"], "tag": "old"},
    ):
        answer = server.client.post("/v1/search", json=asked)
        assert [match["metadata"] for match in answer.json()["matches"]] == [{"number": 4}], asked
    line = json.dumps({"image_id": 3, "meta": {"number": 4}})
    headers = {"Content-Type": "application/x-ndjson"}
    answer = server.client.post("/v1/search", content=line.encode(), headers=headers)
    assert [match["metadata"] for match in answer.json()["matches"]] == [{"number": 4}]
    for options in (["--meta", "number=4"], ["--meta", "number=4", "--server", server.url]):
        assert [
            match["metadata"] for match in program.here("search", query, *options, "--json").json["matches"]
        ] == [{"number": 4}]
    assert [image["name"] for image in listed(server, "tag=old&tag=n1")] == odd
    assert [image["metadata"] for image in listed(server, "meta=number%3D4&tag=old&limit=1")] == [
        {"number": 4}
    ]
    assert listed(server, "tag=old&meta.number=7") == []
    assert server.search(query.read_bytes(), **{"tag": "none"})["matches"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/v1/images?tags=a", None, "did you mean tag?"),
        ("GET", "/v1/images?meta=shop", None, "meta must be KEY=VALUE"),
        ("GET", "/v1/images?meta.shop=1&meta.shop=2", None, "shop is given twice"),
        ("GET", "/v1/images?metashop=1", None, "did you mean meta?"),
        ("GET", "/v1/banks?meta.shop=1", None, "there is no such query parameter"),
        ("POST", "/v1/search", {"image_id": 1, "meta": {"a": [1]}}, "meta.a: must be text"),
        ("POST", "/v1/search", {"image_id": 1, "tag": " a"}, "a tag is"),
        ("PATCH", "/v1/images/1", {"metadata": [1]}, "metadata: must be a JSON object"),
        ("PATCH", "/v1/images/1", {"metadata": "x"}, "metadata: must be a JSON object"),
        ("PATCH", "/v1/images/1", {"metadata": {"a": "x" * 9000}}, "8,192 bytes"),
        ("PATCH", "/v1/images/1", {"metadata": {"a": "\ud800"}}, "what JSON can hold"),
        ("PATCH", "/v1/images/1", {"tags": [str(n) for n in range(33)]}, "tags: "),
        ("PATCH", "/v1/images/1", {"tag": "a"}, "did you mean tags?"),
        ("PATCH", "/v1/images/1", {"name": "../x"}, "without its folder"),
        (
            "POST",
            "/v1/images",
            {"image": "AAAA", "name": ["a", "b"]},
            "send a name for each picture: 1, not 2",
        ),
    ],
)
def test_what_makes_no_sense_is_said(method: str, path: str, body: Any, said: str, server: Served) -> None:
    content = {} if body is None else {"content": json.dumps(body).encode(), "headers": JSON}
    answer = server.client.request(method, path, **content)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]


def test_it_is_described(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    patch = described["paths"]["/v1/images/{image_id}"]["patch"]["requestBody"]["content"]
    properties = patch["application/json"]["schema"]["properties"]
    assert properties["metadata"]["type"] == "object"
    search = described["paths"]["/v1/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"tag", "meta"} <= search["properties"].keys()
    assert search["properties"]["meta"]["type"] == "object"
