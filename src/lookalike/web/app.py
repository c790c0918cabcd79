"""The ASGI app: a collection, its routes, and the layers that each request passes before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path

from fastapi import Depends, FastAPI
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
from lookalike.web.bodies import Bodies
from lookalike.web.description import DescribedApp, operation_id
from lookalike.web.guard import Guard
from lookalike.web.known import only_known
from lookalike.web.metrics import Metrics
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
    threadpool_limits(1, "blas")  # a thread per core is enough; those of linear algebra wait by spinning
    metrics = Metrics()
    collection = Collection.open(settings=settings)
    service = Service(collection, settings.collection, options.queue, permitted, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sampling = asyncio.create_task(service.sampler.run())
        yield
        sampling.cancel()
        with suppress(asyncio.CancelledError):
            await sampling
        service.close()

    app = DescribedApp(
        title="Lookalike",
        summary=_SUMMARY,
        version=lookalike.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
    )
    app.state.service = service
    problems.install(app)
    for part in (search, images, compare, duplicates, check, banks, state, pages):
        app.include_router(part.router, dependencies=[Depends(only_known)])
    for part in (hma, hma_banks):  # clients of the other program may send more than it names
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=Path(str(files("lookalike.web") / "static"))))
    watched = Bodies(app, service.admission, metrics, settings.max_upload_bytes, settings.upload_seconds)
    answers = Answers(Guard(watched, options), metrics, settings.max_upload_bytes)
    return Accounting(answers, metrics)


def from_environment() -> ASGIApp:
    """The app that the environment describes, for worker processes."""
    return build(ServerOptions.from_environment())
