"""Requests drawn from the API's own description: none makes it stumble, every answer is as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from pictures import write
from program import Program
from served import Served, serving

schemathesis = pytest.importorskip("schemathesis")

import requests  # noqa: E402  by which schemathesis sends
from schemathesis.errors import SchemathesisError  # noqa: E402
from schemathesis.specs.openapi import checks  # noqa: E402

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
LIMITS = settings(
    max_examples=20,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROUTES = (
    "POST /v1/search",
    "POST /v1/search/batch",
    "GET /v1/collections",
    "GET /v1/images",
    "POST /v1/images",
    "GET /v1/images/{image_id}",
    "PATCH /v1/images/{image_id}",
    "DELETE /v1/images/{image_id}",
    "GET /v1/images/{image_id}/thumbnail",
    "GET /v1/images/{image_id}/file",
    "POST /v1/compare",
    "GET /v1/duplicates",
    "POST /v1/duplicates/decisions",
    "POST /v1/check",
    "GET /v1/banks",
    "POST /v1/banks",
    "PATCH /v1/banks/{name}",
    "DELETE /v1/banks/{name}",
    "GET /v1/banks/{name}/entries",
    "POST /v1/banks/{name}/entries",
    "DELETE /v1/banks/{name}/entries/{entry_id}",
    "GET /v1/reviews",
    "GET /v1/reviews/{case_id}",
    "POST /v1/reviews/{case_id}/decision",
    "GET /v1/reviews/{case_id}/picture",
    "GET /v1/reviews/{case_id}/known",
    "GET /h/hash",
    "POST /h/hash",
    "GET /m/lookup",
    "POST /m/lookup",
    "GET /m/raw_lookup",
    "POST /m/compare",
    "GET /m/index/status",
    "GET /c/banks",
    "POST /c/banks",
    "GET /c/bank/{name}",
    "PUT /c/bank/{name}",
    "DELETE /c/bank/{name}",
    "POST /c/bank/{name}/content",
    "POST /c/bank/{name}/signal",
    "GET /c/bank/{name}/content/{content_id}",
    "PUT /c/bank/{name}/content/{content_id}",
    "DELETE /c/bank/{name}/content/{content_id}",
    "GET /c/signal_type",
    "GET /c/signal_type/index",
    "PUT /c/signal_type/{signal_type}",
    "GET /c/content_type",
    "GET /c/exchanges",
    "POST /c/exchanges",
    "GET /c/exchanges/apis",
    "GET /c/exchanges/api/{api}",
    "POST /c/exchanges/api/{api}",
    "GET /c/exchanges/api/{api}/schema",
    "GET /c/exchange/{name}",
    "GET /c/exchange/{name}/status",
    "PUT /c/exchange/{name}",
    "DELETE /c/exchange/{name}",
    "GET /site-map",
    "GET /status",
    "GET /status/live",
    "GET /v1/stats",
    "GET /v1/map",
    "GET /metrics",
    "GET /livez",
    "GET /readyz",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = Program(tmp_path_factory.mktemp("described"))
    write(program.home / "pictures", 3)
    assert program.here("index", "pictures").code == 0
    with serving(program) as running:
        yield running


@pytest.fixture(scope="module")
def described(server: Served) -> dict[str, Any]:
    answer: dict[str, Any] = server.client.get("/openapi.json").json()
    return answer


@pytest.fixture(scope="module")
def schema(described: dict[str, Any]) -> Any:
    return schemathesis.openapi.from_dict(described)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One for all requests: to connect and to look for a proxy takes longer than most answers."""
    with requests.Session() as opened:
        opened.headers, opened.trust_env = {}, False
        yield opened


def test_these_are_all_routes(described: dict[str, Any]) -> None:
    found = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    assert found == set(ROUTES)


@pytest.mark.slow
@pytest.mark.parametrize("sensible", [True, False], ids=["as-described", "otherwise"])
@pytest.mark.parametrize("route", ROUTES)
def test_it_answers_as_described_whatever_is_sent(
    route: str, sensible: bool, server: Served, schema: Any, session: requests.Session
) -> None:
    method, path = route.split()
    operation = schema[path][method]
    mode = schemathesis.GenerationMode.POSITIVE if sensible else schemathesis.GenerationMode.NEGATIVE
    # Of 20 wrong requests half say the same again, and so do those of 20 right ones that have no body.
    examples = LIMITS.max_examples if sensible and method in ("PATCH", "POST", "PUT") else 10

    def check(case: Any) -> None:
        case.call_and_validate(server.url, session=session, checks=CHECKS)

    try:
        settings(LIMITS, max_examples=examples)(given(operation.as_strategy(mode))(check))()
    except (Unsatisfiable, SchemathesisError):
        assert not sensible  # a route that takes nothing cannot be given anything wrong
