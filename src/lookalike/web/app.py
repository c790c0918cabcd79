"""The ASGI app: collections, their routes, and the layers that each request passes before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

import lookalike
from lookalike import load_settings
from lookalike.images import is_public
from lookalike.images.addresses import Permitted
from lookalike.web import problems
from lookalike.web.accounting import Accounting
from lookalike.web.answers import Answers
from lookalike.web.below import Below
from lookalike.web.bodies import Bodies
from lookalike.web.callers import Callers
from lookalike.web.description import DescribedApp
from lookalike.web.guard import Guard
from lookalike.web.needs import Needs
from lookalike.web.options import ServerOptions
from lookalike.web.page_files import PageFiles
from lookalike.web.routers import below_name, is_of_one
from lookalike.web.routes import (
    annotating,
    banks,
    check,
    collections,
    compare,
    duplicates,
    hma,
    hma_banks,
    hma_contents,
    hma_exchanges,
    hma_types,
    images,
    pages,
    review,
    search,
    state,
)
from lookalike.web.service import Service
from lookalike.web.several import open_all

_PARTS = (search, images, annotating, compare, duplicates, check, banks, review, state, collections, pages)

OWN = tuple(part.router for part in _PARTS)
"""Routes of this program."""

OTHERS = (
    hma.router,
    hma_banks.router,
    hma_contents.router,
    hma_types.router,
    hma_exchanges.router,
)
"""Routes that other programs' clients ask."""

_SUMMARY = "Reverse image search: find a picture, its edited copies and its lookalikes in a collection."


def build(options: ServerOptions, *, permitted: Permitted = is_public) -> ASGIApp:
    """Open collections and build the app that serves them.

    Args:
        options: how to run.
        permitted: which addresses a picture's URL may lead to.

    Raises:
        NotFoundError: one of them is not there.
    """
    settings = replace(load_settings(), threads=options.threads)
    services = open_all(options.collections, settings, options.queue, permitted)
    return assembled(services, options, _SUMMARY, OWN, OTHERS)


def assembled(
    services: Mapping[str, Service],
    options: ServerOptions,
    summary: str,
    own: Sequence[APIRouter],
    others: Sequence[APIRouter] = (),
) -> ASGIApp:
    """Put an app together: routes, the page's files, and the layers before them.

    Args:
        services: that the routes ask, by the names of their collections, which share what limits them; closed
            at the end.
        options: whom the guard lets in.
        summary: of the app, in its description.
        own: routes of this program.
        others: routes for clients of other programs. A server of several collections does not have them,
            since they name none.
    """
    threadpool_limits(1, "blas")  # a thread per core is enough; those of linear algebra wait by spinning
    first = next(iter(services.values()))
    metrics, limits = first.metrics, first.collection.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sampling = [asyncio.create_task(service.sampler.run()) for service in services.values()]
        yield
        for task in sampling:
            task.cancel()
        await asyncio.gather(*sampling, return_exceptions=True)
        for service in services.values():
            service.close()

    app = routed(summary, own, others, lifespan, several=len(services) > 1)
    app.state.services, app.state.threads = services, limits.threads
    watched = Bodies(app, first.admission, metrics, limits.max_upload_bytes, limits.upload_seconds)
    guarded = Guard(watched, options, Callers(options, Needs(app.routes), list(services)))
    counted = Accounting(Answers(guarded, metrics, limits.max_upload_bytes), metrics)
    return Below(counted, options.root_path) if options.root_path else counted


def routed(
    summary: str,
    own: Sequence[APIRouter],
    others: Sequence[APIRouter] = (),
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    *,
    several: bool = False,
) -> DescribedApp:
    """The app with its routes, the page's files, and every error as a problem; see ``assembled``.

    Args:
        summary: of the app, in its description.
        own: routes of this program.
        others: those for clients of other programs.
        lifespan: what runs beside the app.
        several: whether there are several collections: then each route below ``/v1`` is below the path of a
            collection instead. Otherwise it is below both, and described once.
    """
    app = DescribedApp(
        title="Lookalike",
        summary=summary,
        version=lookalike.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    app.router.routes += _several(own) if several else [*_one(own), *_in(others)]
    app.mount("/static", PageFiles(Path(str(files("lookalike.web") / "static"))))
    return app


def _one(own: Sequence[APIRouter]) -> Iterator[BaseRoute]:
    """Routes of a server of one collection, and the same below the path of a collection."""
    yield from _in(own)
    yield from below_name(_in(own), shown=False)


def _several(own: Sequence[APIRouter]) -> Iterator[BaseRoute]:
    """Routes that a server of several collections has once, as its page, and those that each of them has."""
    yield from (route for route in _in(own) if not is_of_one(route))
    yield from below_name(_in(own), shown=True)


def _in(routers: Sequence[APIRouter]) -> Iterator[BaseRoute]:
    return (route for router in routers for route in router.routes)


def from_environment() -> ASGIApp:
    """The app that the environment describes."""
    return build(ServerOptions.from_environment())
