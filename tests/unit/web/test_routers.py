"""Routes are built once, where they are declared, and know there all that they need."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI, Query
from fastapi.routing import APIRoute

from lookalike.web.app import OTHERS, OWN, routed
from lookalike.web.known import only_known
from lookalike.web.roles import OF_ONE
from lookalike.web.routers import router_of


@pytest.mark.parametrize("several", [False, True])
def test_no_route_is_built_again_for_the_app(several: bool) -> None:
    declared = [route for router in (*OWN, *OTHERS) for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in declared)
    handlers = {id(route.dependant) for route in declared if isinstance(route, APIRoute)}
    served = routed("", OWN, OTHERS, several=several).routes
    ours = [route for route in served if isinstance(route, APIRoute)]
    assert len(ours) > 30
    assert {id(route.dependant) for route in ours} <= handlers


def test_routes_of_this_program_refuse_what_they_do_not_declare() -> None:
    for router, refuses in ((OWN, True), (OTHERS, False)):
        for route in (route for one in router for route in one.routes):
            assert isinstance(route, APIRoute)
            found = any(depends.dependency is only_known for depends in route.dependencies)
            assert found == refuses, route.path


def test_the_path_of_a_collection_is_another_and_the_plain_one_stays() -> None:
    router = router_of("echoes")

    @router.get("/v1/echoes/{word}")
    async def echo(word: str, times: int = Query(1)) -> str:
        return word * times

    for several, plain in ((False, 200), (True, 404)):
        app = routed("", [router], several=several)
        app.state.services = dict.fromkeys(("a", "b")[: 1 + several])
        assert _ask(app, "GET", "/v1/echoes/ab").status_code == plain
        place = OF_ONE.format(collection="a")
        assert _ask(app, "GET", f"{place}/echoes/ab?times=2").json() == "abab"
        assert _ask(app, "GET", f"{place}/echoes/ab?time=2").status_code == 422
        assert _ask(app, "POST", f"{place}/echoes/ab").status_code == 405
        shown = [path for path in app.openapi()["paths"] if path.endswith("/echoes/{word}")]
        assert shown == [f"{OF_ONE}/echoes/{{word}}" if several else "/v1/echoes/{word}"]


def _ask(app: FastAPI, method: str, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            return await client.request(method, path)

    return asyncio.run(ask())
