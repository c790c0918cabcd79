"""Roles: which one each route asks of a token, and which others each role includes.

A route that is not in this table asks for ``admin``, so that a new route is not open by oversight.
"""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["search", "add", "review", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

INCLUDES: dict[Role, frozenset[Role]] = {
    "search": frozenset({"search"}),
    "add": frozenset({"add", "search"}),
    "review": frozenset({"review", "search"}),
    "admin": frozenset(ROLES),
}
"""For each role the roles whose routes it may ask. Neither of ``add`` and ``review`` includes the other: a
program that adds uploads decides nothing, and who decides need not be able to add what is decided about."""

_ROUTES: dict[Role, tuple[str, ...]] = {
    "search": (
        "POST /v1/search",
        "POST /v1/search/batch",
        "POST /v1/compare",
        "POST /v1/check",
        "GET /v1/images",
        "GET /v1/images/{image_id}",
        "GET /v1/images/{image_id}/thumbnail",
        "GET /v1/images/{image_id}/file",
        "GET /v1/duplicates",
        "GET /v1/banks",
        "GET /v1/stats",
        "GET /v1/collections",
        "GET /v1/map",
        "GET /metrics",
        "GET /h/hash",
        "POST /h/hash",
        "GET /m/lookup",
        "POST /m/lookup",
        "GET /m/raw_lookup",
        "POST /m/compare",
        "GET /m/index/status",
        "GET /c/banks",
        "GET /c/bank/{name}",
        "GET /c/signal_type",
        "GET /c/signal_type/index",
        "GET /c/content_type",
        "GET /c/exchanges",
        "GET /c/exchanges/apis",
        "GET /c/exchanges/api/{api}",
        "GET /c/exchanges/api/{api}/schema",
        "GET /c/exchange/{name}",
        "GET /c/exchange/{name}/status",
        "GET /status",
        "GET /site-map",
    ),
    "add": (
        "POST /v1/images",
        "PATCH /v1/images/{image_id}",
        "POST /v1/banks/{name}/entries",
        "POST /c/bank/{name}/content",
        "POST /c/bank/{name}/signal",
        "PUT /c/bank/{name}/content/{content_id}",
    ),
    "review": (
        "POST /v1/duplicates/decisions",
        "GET /v1/reviews",
        "GET /v1/reviews/{case_id}",
        "GET /v1/reviews/{case_id}/picture",
        "GET /v1/reviews/{case_id}/known",
        "POST /v1/reviews/{case_id}/decision",
        "GET /v1/banks/{name}/entries",  # whoever knows the hashes of a bank can try out what it misses
        "GET /c/bank/{name}/content/{content_id}",
    ),
    "admin": (
        "DELETE /v1/images/{image_id}",
        "POST /v1/banks",
        "PATCH /v1/banks/{name}",
        "DELETE /v1/banks/{name}",
        "DELETE /v1/banks/{name}/entries/{entry_id}",
        "POST /c/banks",
        "PUT /c/bank/{name}",
        "DELETE /c/bank/{name}",
        "DELETE /c/bank/{name}/content/{content_id}",
        "PUT /c/signal_type/{signal_type}",
        "POST /c/exchanges",
        "POST /c/exchanges/api/{api}",
        "PUT /c/exchange/{name}",
        "DELETE /c/exchange/{name}",
    ),
}
LEAST: dict[str, Role] = {route: role for role, routes in _ROUTES.items() for route in routes}
"""The role that each route asks for, by its method and path."""

OF_ONE = "/v1/collections/{collection}"
"""Where the routes of one of several collections begin; they ask for the roles of those below ``/v1``."""

LIST = "/v1/collections"
"""What lists the collections, each caller those that its token may ask."""

_OPEN_PATHS = frozenset(
    {"/", "/review", "/livez", "/status/live", "/readyz", "/docs", "/docs.css", "/openapi.json"}
)
_OPEN_FOLDER = "/static/"


def is_open(path: str) -> bool:
    """Whether a path is answered without a token: the page that asks for it, the description, health."""
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER)


def least_role(method: str, path: str) -> Role:
    """The role that a route asks for.

    Args:
        method: of HTTP, in capitals.
        path: as the route declares it, as ``/v1/images/{image_id}``.
    """
    return LEAST.get(f"{method} {path.replace(f'{OF_ONE}/', '/v1/')}", "admin")
