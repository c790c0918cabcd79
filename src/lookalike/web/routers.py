"""The routers that modules of routes fill, and the same routes below the path of one of several collections.

FastAPI computes for 3 ms to build a route. So each is built once, where it is declared, with all that it
needs: including a router in the app would build its routes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path

from lookalike.web.known import only_known
from lookalike.web.roles import LIST, OF_ONE

_OWN = "/v1/"


def operation_id(route: APIRoute) -> str:
    """The name of a route's function: a verb and a noun, by which generated clients call it."""
    return route.name


def router_of(*tags: str, route_class: type[APIRoute] = APIRoute, takes_unknown: bool = False) -> APIRouter:
    """A router without routes yet.

    Args:
        *tags: of its routes, in the API's description.
        route_class: of its routes.
        takes_unknown: whether its routes take parameters which they do not declare, as clients of other
            programs may send.
    """
    return APIRouter(
        tags=[*tags],
        route_class=route_class,
        dependencies=[] if takes_unknown else [Depends(only_known)],
        generate_unique_id_function=operation_id,
    )


def is_of_one(route: BaseRoute) -> bool:
    """Whether a route is about one collection: it is below ``/v1/``, but for the list of collections."""
    return isinstance(route, APIRoute) and route.path.startswith(_OWN) and route.path != LIST


def below_name(routes: Iterable[BaseRoute], *, shown: bool) -> list[BaseRoute]:
    """Those of some routes that are about one collection, below the path of each instead of ``/v1/``.

    Args:
        routes: which stay as they are.
        shown: whether the API's description has the new ones.
    """
    return [
        _at(f"{OF_ONE}/{route.path.removeprefix(_OWN)}", route, shown=shown)
        for route in routes
        if isinstance(route, APIRoute) and is_of_one(route)
    ]


def _at(path: str, route: APIRoute, *, shown: bool) -> APIRoute:
    """A route at another path, with what FastAPI made of its function, which takes nothing of the path."""
    moved = copy(route)
    moved.path = path
    moved.path_regex, moved.path_format, moved.param_convertors = compile_path(path)
    moved.include_in_schema = shown and route.include_in_schema
    return moved
