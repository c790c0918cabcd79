"""The table of roles against the routes that there are: none may be without a role, and none is made up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from lookalike.web.app import OTHERS, OWN, routed
from lookalike.web.needs import Needs
from lookalike.web.options import OWN_PATHS
from lookalike.web.roles import INCLUDES, LEAST, OF_ONE, ROLES, is_open, least_role


def routes_of(app_routes: list[object]) -> Iterator[str]:
    """Method and path of each route that takes a token; folders of files must take none."""
    for context in iter_route_contexts(app_routes):
        if isinstance(context.original_route, Mount):
            assert is_open(f"{context.path}/")
            continue
        assert context.path
        assert context.methods
        if not is_open(context.path):
            yield from (f"{method} {context.path}" for method in sorted(context.methods))


def test_every_route_has_a_role() -> None:
    found = list(routes_of(routed("", OWN, OTHERS).routes))
    plain = [route for route in found if OF_ONE not in route]
    assert sorted(plain) == sorted(LEAST)
    assert len(plain) >= 40


def test_so_has_every_route_of_one_of_several_collections() -> None:
    found = list(routes_of(routed("", OWN, OTHERS, several=True).routes))
    below = {route for route in LEAST if " /v1/" in route} - {"GET /v1/collections"}
    assert set(found) == {"GET /metrics", "GET /v1/collections"} | {
        route.replace("/v1/", f"{OF_ONE}/", 1) for route in below
    }
    assert len(found) == len(set(found))
    for route in found:
        assert least_role(*route.split()) == LEAST[route.replace(f"{OF_ONE}/", "/v1/")]


def test_a_route_without_a_role_is_seen_and_asks_for_the_greatest() -> None:
    router = APIRouter()
    router.add_api_route("/v1/forgotten/{name}", lambda: None, methods=["POST"])
    app = routed("", [*OWN, router], OTHERS)
    unknown = {route for route in routes_of(app.routes) if OF_ONE not in route} - LEAST.keys()
    assert unknown == {"POST /v1/forgotten/{name}"}
    assert least_role("POST", "/v1/forgotten/{name}") == "admin"
    scope = {"method": "POST", "path": "/v1/forgotten/x", "root_path": ""}
    assert Needs(app.routes).role(scope) == "admin"


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/v1/images/17", "search"),
        ("DELETE", "/v1/images/17", "admin"),
        ("POST", "/v1/images", "add"),
        ("POST", "/below/v1/images", "add"),
        ("GET", "/v1/banks/a%20b/entries", "review"),
        ("DELETE", "/v1/collections/a/images/17", "admin"),
        ("GET", "/v1/nowhere", None),
        ("PATCH", "/v1/images", None),
        ("POST", "/v1/images/", None),
        ("GET", "/static/main.js", None),
    ],
)
def test_the_route_of_a_request(method: str, path: str, role: str | None) -> None:
    needs = Needs(routed("", OWN, OTHERS).routes)
    root = "/below" if path.startswith("/below") else ""
    assert needs.role({"method": method, "path": path, "root_path": root}) == role


def test_who_may_do_what() -> None:
    assert all(role in INCLUDES[role] for role in ROLES)
    assert all("search" in INCLUDES[role] for role in ROLES)
    assert INCLUDES["admin"] == set(ROLES)
    assert "review" not in INCLUDES["add"]
    assert "add" not in INCLUDES["review"]


def test_no_path_of_another_site_is_taken_for_one_of_these() -> None:
    contexts = iter_route_contexts(routed("", OWN, OTHERS).routes)
    assert {(context.path or "").split("/")[1] for context in contexts} - {""} == set(OWN_PATHS)
