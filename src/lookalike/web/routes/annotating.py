"""What people say of an image, changed after it was added."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Form

from lookalike.store.annotation import MOST_TAGS
from lookalike.web import list_schemas, schemas
from lookalike.web.given import GivenRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving
from lookalike.web.routes.images import ImageId, described
from lookalike.web.saying import as_change

router = router_of("images", route_class=GivenRoute)


@router.patch(
    "/v1/images/{image_id}",
    response_model=list_schemas.ImageAnswer,
    responses=schemas.problems(400, 403, 404, 408, 413, 503, 507),
)
async def annotate_image(
    service: Serving,
    image_id: ImageId,
    metadata: Annotated[
        str | None, Form(description="A JSON object that joins what is there; null removes a key.")
    ] = None,
    tags: Annotated[
        list[str] | None,
        Form(max_length=MOST_TAGS, description="In place of those that are there; empty for none."),
    ] = None,
    name: Annotated[str | None, Form(description="In place of the one that it was uploaded with.")] = None,
) -> Reply:
    """Change what is said of an image: metadata, tags, and the name of its upload."""
    change = as_change(name, metadata, tags)
    with service.changes.place():
        await service.change(partial(service.collection.annotate, image_id, **change))
    return await described(service, image_id)
