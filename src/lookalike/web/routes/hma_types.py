"""The routes of Meta's Hasher-Matcher-Actioner that tell what a server can do; see ``hma``."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from lookalike.errors import UsageError
from lookalike.web import hma_schemas as shapes
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking
from lookalike.web.routes.hma_banks import PROBLEMS
from lookalike.web.routes.hma_content import CONTENT_TYPES, SIGNALS, HmaRoute, signal_kind, sizes_by_type

router = router_of("hma", route_class=HmaRoute, takes_unknown=True)


@router.get("/c/signal_type", response_model=shapes.SignalTypes)
async def list_signal_types() -> Reply:
    """List the types of hashes; all are enabled."""
    return Reply(shapes.SignalTypes([shapes.SignalTypeState(name=name, enabled_ratio=1) for name in SIGNALS]))


@router.get("/c/signal_type/index", response_model=shapes.SignalIndexes, responses=schemas.problems(400, 503))
async def list_signal_indexes(
    service: Banking,
    signal_type: Annotated[str | None, Query(max_length=40, description="Only this one.")] = None,
) -> Reply:
    """How many hashes of each type there are; each can be found at once."""
    sizes, now = await sizes_by_type(service, signal_type), int(time.time())
    found = {
        name: shapes.SignalIndex(
            db_size=size, index_size=size, index_out_of_date=False, newest_db_item=now, index_built_to=now
        )
        for name, size in sizes.items()
    }
    return Reply(shapes.SignalIndexes(found))


@router.put("/c/signal_type/{signal_type}", status_code=204, responses=PROBLEMS)
async def change_signal_type(
    signal_type: Annotated[str, Path(max_length=40, description="Its name.")], wanted: shapes.SignalTypeChange
) -> Response:
    """Enable a type of hashes. All types are always enabled, so any other change is refused."""
    signal_kind(signal_type)
    if wanted.enabled_ratio != 1:
        raise UsageError("a type of hashes is always enabled here (enabled_ratio 1); disable banks instead")
    return Response(status_code=204)


@router.get("/c/content_type", response_model=shapes.ContentTypes)
async def list_content_types() -> Reply:
    """List the kinds of files; all are enabled."""
    found = [shapes.ContentTypeState(name=name, enabled=True) for name in CONTENT_TYPES]
    return Reply(shapes.ContentTypes(found))


@router.get("/site-map", response_model=shapes.Texts)
async def list_paths(request: Request) -> Reply:
    """List the paths of the API, sorted."""
    paths = {context.path for context in iter_route_contexts(request.app.routes) if context.methods}
    return Reply(shapes.Texts(sorted(path for path in paths if path)))
