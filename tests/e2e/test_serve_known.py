"""Parameters that a route does not declare are refused, on every route of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hostile import encoded
from pictures import draw, write
from program import Program
from served import Served, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = Program(tmp_path_factory.mktemp("known"))
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    with serving(program) as running:
        yield running


def refused(answer: httpx.Response) -> list[dict[str, str]]:
    """The fields that an answer refuses, each with what it says of it."""
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:lookalike:problem:usage-error"), problem
    found: list[dict[str, str]] = problem["errors"]
    assert problem["detail"] == "; ".join(f"{each['field']}: {each['message']}" for each in found)
    return found


def form_of(described: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """Names of the fields that an operation's form has."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
            name = content["schema"]["$ref"].rpartition("/")[2]
            return list(described["components"]["schemas"][name]["properties"])
    return []


def test_every_route_names_a_wrong_parameter_and_the_right_one(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    tried = set()
    for pattern, methods in described["paths"].items():
        path = re.sub(r"\{\w+\}", "1", pattern)
        for method, operation in methods.items():
            if not pattern.startswith("/v1/"):
                continue
            tried.add(f"{method} {pattern}")
            (error,) = refused(server.client.request(method, path, params={"zzqq": "1"}))
            assert error["field"] == "zzqq"
            taken = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            for name in taken:
                (error,) = refused(server.client.request(method, path, params={f"{name}z": "1"}))
                assert error == {
                    "field": f"{name}z",
                    "message": f"there is no such query parameter; did you mean {name}?",
                }
            fields = form_of(described, operation)
            for name in fields:
                if len(name) > 2:
                    (error,) = refused(server.client.request(method, path, data={f"{name}z": "1"}))
                    assert error == {
                        "field": f"{name}z",
                        "message": f"there is no such field; did you mean {name}?",
                    }
            if method in ("post", "put", "patch"):
                (error,) = refused(server.client.request(method, path, data={"zzqq": "1"}))
                assert error["message"].endswith(", ".join(fields) if fields else "takes none")
    assert {"post /v1/search", "get /v1/stats", "get /v1/map", "delete /v1/images/{image_id}"} <= tried


def test_a_field_of_the_form_in_the_query_is_sent_to_its_place(server: Served) -> None:
    picture = {"file": encoded(draw(1), "PNG")}
    (error,) = refused(server.client.post("/v1/search?k=2", files=picture))
    assert error == {
        "field": "k",
        "message": "give it as a field of the body, as in curl -F k=…, not in the query string",
    }


def test_a_slip_in_a_name_is_no_wider_answer(server: Served) -> None:
    picture = {"file": encoded(draw(1), "PNG")}
    (error,) = refused(server.client.post("/v1/search", files=picture, data={"max_dist": "0.1"}))
    assert error == {
        "field": "max_dist",
        "message": "there is no such field; did you mean max_distance?",
    }
    fields = [error["field"] for error in refused(server.client.post("/v1/search?k=3&exact=1"))]
    assert fields == ["k", "exact"]
    (error,) = refused(server.client.post("/v1/search", files={**picture, "flie": b"x"}))
    assert error["message"] == "there is no such field; did you mean file?"
    assert len(server.search(1, max_distance=1e-3)["matches"]) == 1


def test_names_without_end_are_told_short(server: Served) -> None:
    many = {f"{'n' * 1000}{number}": "1" for number in range(500)}
    answer = server.client.post("/v1/search", data=many)
    assert [len(error["field"]) for error in refused(answer)] == [40] * 8
    assert len(answer.content) < 4000


def test_a_route_that_takes_a_form_takes_json_and_says_so(server: Served) -> None:
    place, decision = "/v1/duplicates/decisions", {"images": [1, 2], "decision": "not a match"}
    answer = server.client.post(place, json=decision)
    assert (answer.status_code, answer.json()) == (200, {"pairs": 1})
    text = server.client.post(place, content=b"images=1", headers={"Content-Type": "text/plain"})
    assert (text.status_code, text.json()["detail"]) == (
        422, "send a form (multipart/form-data) or application/json",
    )  # fmt: skip
