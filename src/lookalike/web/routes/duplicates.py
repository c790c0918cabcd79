"""Duplicates of the collection, and what people decide about them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Form, Query

from lookalike.collection.duplicates.terms import Terms
from lookalike.collection.questions import FPR
from lookalike.store import Decision
from lookalike.web import duplicate_schemas as shapes
from lookalike.web import schemas
from lookalike.web.duplicates import PAGE
from lookalike.web.given import GivenRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving

_MOST_IMAGES = 1000

router = router_of("duplicates", route_class=GivenRoute)


@router.get("/v1/duplicates", response_model=shapes.DuplicatesAnswer, responses=schemas.problems(409))
async def list_duplicates(
    service: Serving,
    similar: Annotated[bool, Query(description="Also similar images that are no copies.")] = False,
    fpr: Annotated[
        float,
        Query(gt=0, lt=1, description="Share of pairs of different pictures that may be called copies."),
    ] = FPR,
    page: Annotated[int, Query(ge=1, le=2**31 - 1, description="Of 20 groups each.")] = 1,
) -> Reply:
    """Tell the groups that were found so far; what is new is looked at in the background."""
    terms = Terms(similar=similar, fpr=fpr)
    told = await service.pipeline.search(partial(service.duplicates.page, terms, page))
    return Reply(
        shapes.DuplicatesAnswer(
            groups=[shapes.DuplicateGroup(**group) for group in told.found.facts()["groups"]],
            total=told.total,
            page=page,
            page_size=PAGE,
            fpr=fpr,
            complete=told.complete,
            looked_at=told.progress.done,
            images=told.progress.total,
        )
    )


@router.post(
    "/v1/duplicates/decisions",
    response_model=shapes.DecisionAnswer,
    responses=schemas.problems(400, 403, 404, 408, 413, 503, 507),
)
async def decide_duplicates(
    service: Serving,
    images: Annotated[list[schemas.ImageId], Form(max_length=_MOST_IMAGES, description="All of them.")],
    decision: Annotated[Decision, Form(description="What is said of each two of them.")],
) -> Reply:
    """Remember that images are no match, or that all of them are to be kept."""
    with service.changes.place():
        pairs = await service.decide(images, decision)
    return Reply(shapes.DecisionAnswer(pairs=pairs))
