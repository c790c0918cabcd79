"""The API's description of itself: valid OpenAPI, from which a good client can be generated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lookalike.web.roles import ROLES
from pictures import write
from program import Program
from served import Served, serving

validator = pytest.importorskip("openapi_spec_validator")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = Program(tmp_path_factory.mktemp("described"))
    write(program.home / "pictures", 2)
    assert program.here("index", "pictures").code == 0
    (program.home / "token").write_text("secret-word")
    with serving(program, "--token", program.home / "token") as running:
        yield running


@pytest.fixture(scope="module")
def described(server: Served) -> dict[str, Any]:
    answer: dict[str, Any] = server.client.get("/openapi.json").json()
    return answer


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid(described: dict[str, Any]) -> None:
    validator.validate(described)
    broken = {**described, "info": {}}
    with pytest.raises(Exception, match="required property"):
        validator.validate(broken)


def test_every_operation_is_called_by_a_verb_and_a_noun(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name), name
    assert {"search_images", "list_images", "compare_images", "get_thumbnail"} <= set(names)


def test_generators_see_files_as_files_and_every_body_with_a_type(described: dict[str, Any]) -> None:
    """openapi-python-client 0.29 made clients that sent files as text, or that could not be imported."""
    shapes, bodies, files = described["components"]["schemas"], 0, 0
    for path, method, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {})
        if len(content) > 1:
            bodies += 1
            assert "required" not in operation["requestBody"], (method, path)
        for kind, body in content.items():
            assert {"type", "$ref"} & body["schema"].keys(), (method, path, kind)
            fields = shapes[body["schema"]["$ref"].rpartition("/")[2]] if "$ref" in body["schema"] else {}
            for field in fields.get("properties", {}).values():
                for text in (field, *field.get("anyOf", ()), field.get("items", {})):
                    if text.get("contentMediaType") == "application/octet-stream":
                        files += 1
                        assert text["format"] == "binary"
    assert bodies >= 10
    assert files >= 8


def test_the_token_is_wanted_where_it_says(server: Served, described: dict[str, Any]) -> None:
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    tried = {True: 0, False: 0}
    for path, method, operation in operations(described):
        place = server.url + re.sub(r"\{\w+\}", "1", path)
        says = operation["security"][1:] and operation["security"][1]["bearer"][0] in ROLES
        assert operation["security"][:1] == ([{}] if says else [])
        assert (httpx.request(method, place).status_code == 401) == bool(says), path
        right = {"Authorization": "Bearer secret-word"}
        assert httpx.request(method, place, headers=right).status_code != 401
        tried[bool(says)] += 1
    assert tried[True] >= 14
    assert tried[False] == 3  # of the health checks


def test_every_kind_of_body_is_described(described: dict[str, Any]) -> None:
    bodies = described["paths"]["/v1/search"]["post"]["requestBody"]["content"]
    assert list(bodies) == [
        "multipart/form-data",
        "application/json",
        "application/octet-stream",
        "image/*",
        "application/x-ndjson",
    ]
    fields = bodies["application/json"]["schema"]["properties"]
    assert fields["image"]["contentEncoding"] == "base64"
    form = described["components"]["schemas"]["Body_search_images"]["properties"]
    assert fields.keys() - {"image"} == form.keys() - {"file"}
    assert fields["k"] == form["k"]
    added = described["paths"]["/v1/images"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert added["properties"]["images"]["items"] == {"type": "string", "contentEncoding": "base64"}
    assert "application/x-ndjson" in described["paths"]["/v1/search"]["post"]["responses"]["200"]["content"]
