"""Several collections in one server: opened together, and each with its routes below a path of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts

from lookalike import Collection
from lookalike.embed import Embedder
from lookalike.images.addresses import Permitted
from lookalike.settings import Settings
from lookalike.web.means import Means
from lookalike.web.roles import OF_ONE
from lookalike.web.service import Service

_OWN = "/v1/"


def open_all(
    folders: Mapping[str, Path], settings: Settings, queue: int, permitted: Permitted
) -> dict[str, Service]:
    """Open the collections of a server.

    Args:
        folders: where each lies, by its name.
        settings: limits and threads of the process.
        queue: most pictures in work.
        permitted: says which addresses a picture's URL may lead to.

    Raises:
        NotFoundError: one of them is not there.
    """
    collections = {name: Collection.open(folder, settings=settings) for name, folder in folders.items()}
    share_embedders(collections.values())
    means = Means(settings, queue)
    return {
        name: Service(name, collection, folders[name], means, permitted)
        for name, collection in collections.items()
    }


def share_embedders(collections: Iterable[Collection]) -> None:
    """Let collections whose embedders have one fingerprint use one of them: its weights fill the memory."""
    loaded: dict[str, Embedder] = {}
    for collection in collections:
        stored = collection.catalog.embedder()
        embedder = loaded.get(stored[1]) if stored else None
        if embedder is None:
            own = collection.embedder
            embedder = loaded.setdefault(own.fingerprint, own)
        collection.bases.own.adopt(embedder)


def moved(router: APIRouter, *, shown: bool) -> APIRouter:
    """The routes of a router that are below ``/v1/``, below the path of each collection instead.

    Args:
        router: whose routes are copied.
        shown: whether the API's description has them.
    """
    copies = APIRouter()
    for context in iter_route_contexts(router.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.path.startswith(_OWN):
            _copy(route, copies, f"{OF_ONE}/{route.path.removeprefix(_OWN)}", list(context.tags), shown=shown)
    return copies


def common(router: APIRouter) -> APIRouter:
    """The routes of a router that are not below ``/v1/``: what a server has once, as its page."""
    copies = APIRouter()
    for context in iter_route_contexts(router.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and not route.path.startswith(_OWN):
            _copy(route, copies, route.path, list(context.tags), shown=route.include_in_schema)
    return copies


def _copy(route: APIRoute, to: APIRouter, path: str, tags: list[str], *, shown: bool) -> None:
    to.add_api_route(
        path,
        route.endpoint,
        response_model=route.response_model,
        status_code=route.status_code,
        tags=[*tags],
        dependencies=route.dependencies,
        responses=route.responses,
        methods=route.methods,
        include_in_schema=shown and route.include_in_schema,
        response_class=route.response_class,
        name=route.name,
        route_class_override=type(route),
    )
