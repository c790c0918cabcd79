"""The ASGI app: a collection, its routes, and the layers that each request passes before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

import lookalike
from lookalike import Collection, load_settings
from lookalike.images import is_public
from lookalike.images.addresses import Permitted
from lookalike.web import problems
from lookalike.web.accounting import Accounting
from lookalike.web.answers import Answers
from lookalike.web.below import Below
from lookalike.web.bodies import Bodies
from lookalike.web.callers import Callers
from lookalike.web.description import DescribedApp, operation_id
from lookalike.web.guard import Guard
from lookalike.web.known import only_known
from lookalike.web.metrics import Metrics
from lookalike.web.needs import Needs
from lookalike.web.options import ServerOptions
from lookalike.web.routes import (
    banks,
    check,
    compare,
    duplicates,
    hma,
    hma_banks,
    images,
    pages,
    search,
    state,
)
from lookalike.web.service import Service

OWN = tuple(part.router for part in (search, images, compare, duplicates, check, banks, state, pages))
"""Routes of this program."""

OTHERS = (hma.router, hma_banks.router)
"""Routes that other programs' clients ask."""

_SUMMARY = "Reverse image search: find a picture, its edited copies and its lookalikes in a collection."


def build(options: ServerOptions, *, permitted: Permitted = is_public) -> ASGIApp:
    """Open a collection and build the app that serves it.

    Args:
        options: how to run.
        permitted: which addresses a picture's URL may lead to.

    Raises:
        NotFoundError: there is no such collection.
    """
    settings = options.settings(load_settings())
    collection = Collection.open(settings=settings)
    service = Service(collection, settings.collection, options.queue, permitted, Metrics())
    return assembled(service, options, _SUMMARY, OWN, OTHERS)


def assembled(
    service: Service,
    options: ServerOptions,
    summary: str,
    own: Sequence[APIRouter],
    others: Sequence[APIRouter] = (),
) -> ASGIApp:
    """Put an app together: routes, the page's files, and the layers before them.

    Args:
        service: that the routes ask; closed at the end.
        options: whom the guard lets in.
        summary: of the app, in its description.
        own: routes that refuse parameters which they do not declare.
        others: routes for clients of other programs, which may send more than they name.
    """
    threadpool_limits(1, "blas")  # a thread per core is enough; those of linear algebra wait by spinning
    metrics, limits = service.metrics, service.collection.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sampling = asyncio.create_task(service.sampler.run())
        yield
        sampling.cancel()
        with suppress(asyncio.CancelledError):
            await sampling
        service.close()

    app = routed(summary, own, others, lifespan)
    app.state.service = service
    watched = Bodies(app, service.admission, metrics, limits.max_upload_bytes, limits.upload_seconds)
    guarded = Guard(watched, options, Callers(options, Needs(app.routes)))
    counted = Accounting(Answers(guarded, metrics, limits.max_upload_bytes), metrics)
    return Below(counted, options.root_path) if options.root_path else counted


def routed(
    summary: str,
    own: Sequence[APIRouter],
    others: Sequence[APIRouter] = (),
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> DescribedApp:
    """The app with its routes, the page's files, and every error as a problem; see ``assembled``.

    Args:
        summary: of the app, in its description.
        own: routes that refuse parameters which they do not declare.
        others: routes that do not.
        lifespan: what runs beside the app.
    """
    app = DescribedApp(
        title="Lookalike",
        summary=summary,
        version=lookalike.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
    )
    problems.install(app)
    for router in own:
        app.include_router(router, dependencies=[Depends(only_known)])
    for router in others:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(str(files("lookalike.web") / "static"))))
    return app


def from_environment() -> ASGIApp:
    """The app that the environment describes, for worker processes."""
    return build(ServerOptions.from_environment())
