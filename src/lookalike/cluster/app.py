"""The ASGI app of a router: the routes of ``web`` over a table, and a search that may do without a shard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, File, Form, Request, UploadFile
from pydantic import Field
from ray.serve.handle import DeploymentHandle
from starlette.types import ASGIApp

from lookalike.cluster.banking import banking
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.handles import Handles
from lookalike.cluster.refusing import refused
from lookalike.cluster.service import ClusterService
from lookalike.cluster.table import Table
from lookalike.images import is_public
from lookalike.settings import Settings
from lookalike.web import schemas
from lookalike.web.app import OTHERS, assembled
from lookalike.web.lines import LinesRoute
from lookalike.web.means import Means
from lookalike.web.options import ONLY, ServerOptions
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes import (
    annotating,
    banks,
    check,
    collections,
    compare,
    images,
    pages,
    review,
    state,
)
from lookalike.web.routes.common import Asked, Base, Identity, one_of, service_of
from lookalike.web.routes.search import answer_of, several

_SUMMARY = "Reverse image search over a table of pictures that many machines share."

router = router_of("search", route_class=LinesRoute)


class ClusterAnswer(schemas.SearchAnswer):
    """What was found, and whether every shard was asked."""

    partial: bool = Field(description="Whether a shard had no part in it.", examples=[False])


async def _service_of(request: Request) -> ClusterService:
    return cast(ClusterService, await service_of(request))


@router.post(
    "/v1/search", response_model=ClusterAnswer, responses=schemas.problems(*schemas.PICTURE_PROBLEMS)
)
async def search(
    service: Annotated[ClusterService, Depends(_service_of)],
    question: Asked,
    base: Base,
    file: Annotated[UploadFile | None, File(description="The picture.")] = None,
    url: Annotated[str | None, Form(max_length=8192, description="Where the picture is.")] = None,
    image_id: Identity = None,
    allow_partial: Annotated[bool, Form(description="Answer without shards that do not.")] = False,
) -> Reply:
    """Find what looks like a picture: an upload, one at a public URL, or one of the table."""
    picture = one_of(file=file, url=url, image_id=image_id)
    with service.admission.place():
        searched, partial = await service.search_shards(picture, question, allow_partial=allow_partial)
    return Reply(ClusterAnswer(**dict(answer_of(searched, question, base)), partial=partial))


OWN = (router, several, *(part.router for part in (images, annotating, compare, state, collections, pages)))
"""Routes of every router."""

OF_BANKS = (check.router, banks.router, review.router)
"""Routes of this program that a router with banks has, besides those of other programs' clients."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How a table is served.

    Attributes:
        uri: of the table.
        door: whom the router lets in, and how much may wait; it names no collection.
        settings: limits and threads of a router.
        banks: folder of a collection whose banks the routers ask; None if they have none.
    """

    uri: str
    door: ServerOptions
    settings: Settings
    banks: Path | None = None


def build(serving: Serving, shards: Sequence[DeploymentHandle]) -> ASGIApp:
    """Build the app of a router.

    Args:
        serving: what is served, and how.
        shards: a handle of each shard.

    Raises:
        NotFoundError: there is no such table, or no such collection with banks.
    """
    return over(TableCollection(Table.open(serving.uri), Handles(shards), serving.settings), serving)


def over(collection: TableCollection, serving: Serving) -> ASGIApp:
    """Build the app of a router over a table that shards search, wherever they are."""
    means = Means(serving.settings, serving.door.queue)
    if serving.banks is None:
        service = ClusterService(ONLY, collection, means, is_public)
        return assembled({ONLY: service}, serving.door, _SUMMARY, OWN, refused(OWN))
    service = ClusterService(
        ONLY, collection, means, is_public, banking(serving.banks, collection, means, is_public)
    )
    own = (*OWN, *OF_BANKS)
    others = (*OTHERS, *refused((*own, *OTHERS)))
    return assembled({ONLY: service}, serving.door, _SUMMARY, own, others)
