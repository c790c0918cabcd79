"""Routes that a server of a collection has and a router lacks: each is refused, and says what is lacking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request
from fastapi.routing import iter_route_contexts

from lookalike.errors import UsageError
from lookalike.web import app
from lookalike.web.routers import below_name


def refusal(what: str) -> UsageError:
    """The error for what is made of a whole collection, as "search for duplicates"."""
    return UsageError(
        f"a table on a cluster has no {what}; a collection made of it has: "
        "lookalike cluster export URI --collection DIR"
    )


def no_banks() -> UsageError:
    """The error for what takes banks, of a router that was given none."""
    return UsageError(
        "this router has no banks; give it some: lookalike cluster serve URI --banks COLLECTION"
    )


def refused(own: Sequence[APIRouter]) -> tuple[APIRouter, APIRouter]:
    """Routes that a server of collections has and a router does not.

    Each answers 422 and says what is lacking, whatever comes with the request, instead of 404, which would
    look like a slip in the path.

    Args:
        own: the routes that the router has.

    Returns:
        These routes; and those of them that are below ``/v1/``, below the path of a collection.
    """
    there = set(_operations(own))
    refusing = APIRouter()
    for method, path in _operations((*app.OWN, *app.OTHERS)):
        if (method, path) not in there:
            refusing.add_api_route(path, _refuse, methods=[method], include_in_schema=False)
    return refusing, APIRouter(routes=below_name(refusing.routes, shown=False))


def _operations(routers: Sequence[APIRouter]) -> Iterator[tuple[str, str]]:
    for router in routers:
        for context in iter_route_contexts(router.routes):
            for method in context.methods or ():
                yield method, context.path or ""


async def _refuse(request: Request) -> None:
    if "/duplicates" in request.scope["route"].path:
        raise refusal("search for duplicates")
    raise no_banks()
