"""The collections of the server."""

from __future__ import annotations

from fastapi import Request

from lookalike.web import schemas
from lookalike.web.list_schemas import CollectionsAnswer, ListedCollection
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Caller, services_of

router = router_of("state")


@router.get("/v1/collections", response_model=CollectionsAnswer, responses=schemas.problems(503))
async def list_collections(request: Request, caller: Caller) -> Reply:
    """List the collections of the server that the token may ask, in the order in which it was given them."""
    own = None if caller is None else caller.collections
    found = [
        ListedCollection(name=name, images=(await service.pipeline.search(service.totals)).images)
        for name, service in services_of(request).items()
        if own is None or name in own
    ]
    return Reply(CollectionsAnswer(collections=found, several=len(services_of(request)) > 1))
