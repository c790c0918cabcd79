"""The images of the collection: added, looked at, forgotten."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Depends, File, Form, Header, Path, Query, Request, UploadFile
from pydantic import BeforeValidator
from starlette.responses import Response

from lookalike.collection.presence import there_first
from lookalike.errors import UsageError
from lookalike.store import Filters, ListedImage
from lookalike.store.annotation import MOST_TAGS
from lookalike.web import cursors, list_schemas, schemas
from lookalike.web.given import GivenRoute
from lookalike.web.originals import MEDIA_TYPES, UNKNOWN_TYPE, headers_of, read_original
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import ABOUT_META, ABOUT_TAG, Base, Serving, meta_of
from lookalike.web.saying import said_of
from lookalike.web.service import Service
from lookalike.web.thumbnails import MEDIA_TYPE

_MOST_FILES = 64
_SIDES = (160, 320, 640)
_NUMBER = re.compile(r"\s*[+-]?[\d_.]+\s*")

router = router_of("images", route_class=GivenRoute)

ImageId = Annotated[int, Path(ge=1, le=2**63 - 1, description="As matches have it.")]


def _no_bare_number(value: object) -> object:
    """Refuse ``since=2024``, which would be read as so many seconds after 1970 began."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        raise ValueError("must be a day or a time, as 2024-05-01 or 2024-05-01T09:30:00Z")
    return value


Moment = Annotated[datetime, BeforeValidator(_no_bare_number)]


@router.post(
    "/v1/images",
    response_model=schemas.AddAnswer,
    responses=schemas.problems(400, 403, 408, 409, 413, 503, 507),
)
async def add_images(
    service: Serving,
    files: Annotated[list[UploadFile], File(description="Pictures, up to 64.")],
    name: Annotated[
        list[str] | None,
        Form(max_length=_MOST_FILES, description="Of each picture, if its file carries none or another."),
    ] = None,
    metadata: Annotated[
        str | None, Form(description="A JSON object, which joins the metadata of each picture.")
    ] = None,
    tags: Annotated[list[str] | None, Form(max_length=MOST_TAGS, description="Of each picture.")] = None,
) -> Reply:
    """Add pictures. They are kept in the collection's own folder, and answers call them by their names."""
    if len(files) > _MOST_FILES:
        raise UsageError(f"send at most {_MOST_FILES} files at a time, not {len(files)}")
    said = said_of(files, name, metadata, tags)
    with service.changes.place(), service.admission.place():
        done = await service.add([await file.read() for file in files], said)
    answer = schemas.AddAnswer(added=[], rejected=[])
    for file, change, upload in zip(files, said, done, strict=True):
        called = change.get("name") or file.filename or ""
        if upload.image_id is None:
            answer.rejected.append(schemas.RejectedImage.of(upload, name=called))
        else:
            answer.added.append(schemas.AddedImage.of(upload, name=called))
    return Reply(answer)


async def filtered(
    folder: Annotated[str | None, Query(max_length=4096, description="A folder of /v1/stats.")] = None,
    since: Annotated[Moment | None, Query(description="Last changed then or later; UTC.")] = None,
    until: Annotated[Moment | None, Query(description="Last changed before that; UTC.")] = None,
    min_bytes: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Least size.")] = None,
    max_bytes: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Greatest size.")] = None,
    kind: Annotated[str | None, Query(alias="format", max_length=40, description="As JPEG or jpg.")] = None,
) -> Filters:
    """Which images are listed: those with a file that fits all of it."""
    return {
        "folder": folder or None,
        "since": since,
        "until": until,
        "min_bytes": min_bytes,
        "max_bytes": max_bytes,
        "format": kind or None,
    }


async def labelled(
    request: Request,
    tag: Annotated[list[str] | None, Query(max_length=MOST_TAGS, description=ABOUT_TAG)] = None,
    meta: Annotated[list[str] | None, Query(max_length=MOST_TAGS, description=ABOUT_META)] = None,
) -> Filters:
    """The tags and metadata of images that are listed."""
    return {"tag": list(filter(None, tag or ())), "meta": meta_of(meta, request.query_params.multi_items())}


@router.get("/v1/images", response_model=list_schemas.ImagesAnswer, responses=schemas.problems(503))
async def list_images(
    service: Serving,
    files: Annotated[Filters, Depends(filtered)],
    labels: Annotated[Filters, Depends(labelled)],
    base: Base,
    cursor: Annotated[str | None, Query(max_length=100, description="Of the page before: next.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most images.")] = 100,
) -> Reply:
    """List images by id. Pictures that come or go meanwhile neither repeat others nor hide them."""
    filters: Filters = {**files, **labels}
    folder, after = filters.get("folder"), cursors.read(cursor)

    def page() -> list[ListedImage]:
        if folder is not None:
            service.check_folder(FilePath(folder))
        return service.collection.catalog.listed(filters, after=after, limit=limit + 1)

    found = await service.pipeline.search(page)
    listed = [
        list_schemas.ListedImage.of(
            image,
            paths=image.paths,
            modified=image.modified and f"{image.modified:%Y-%m-%dT%H:%M:%SZ}",
            thumbnail=f"{base}/images/{image.image_id}/thumbnail",
            metadata=image.annotation.metadata,
            tags=list(image.annotation.tags),
        )
        for image in found[:limit]
    ]
    following = cursors.write(listed[-1].image_id) if len(found) > limit else None
    return Reply(list_schemas.ImagesAnswer(images=listed, next=following))


@router.get("/v1/images/{image_id}", response_model=list_schemas.ImageAnswer, responses=schemas.problems(404))
async def get_image(service: Serving, image_id: ImageId) -> Reply:
    """Look up what is known of an image."""
    return await described(service, image_id)


async def described(service: Service, image_id: int) -> Reply:
    """What is known of an image, as an answer.

    Raises:
        NotFoundError: there is no such image.
    """
    facts = await service.pipeline.search(partial(service.collection.catalog.image, image_id))
    paths, missing = await service.pipeline.search(partial(there_first, facts.paths))
    said = facts.annotation
    return Reply(
        list_schemas.ImageAnswer.of(
            facts,
            paths=paths,
            missing=missing,
            files_missing=paths == missing,
            name=said.called(paths[0], facts.sha256),
            metadata=said.metadata,
            tags=list(said.tags),
        )
    )


@router.delete("/v1/images/{image_id}", status_code=204, responses=schemas.problems(403, 404, 409, 503, 507))
async def forget_image(service: Serving, image_id: ImageId) -> Response:
    """Forget an image. Its files stay, but for those that were added through this API."""
    with service.changes.place():
        await service.forget(image_id)
    return Response(status_code=204)


@router.get(
    "/v1/images/{image_id}/thumbnail",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "The small copy."},
        304: {"description": "It is as it was."},
        **schemas.problems(404, 503),
    },
)
async def get_thumbnail(
    service: Serving,
    image_id: ImageId,
    size: Annotated[int, Query(description="Most pixels a side: 160, 320 or 640.")] = 160,
    if_none_match: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """A small copy of an image, made from its file."""
    if size not in _SIDES:
        raise UsageError("size must be 160, 320 or 640")
    facts = await service.pipeline.search(partial(service.collection.catalog.image, image_id))
    thumbnails = service.thumbnails
    headers = {"ETag": thumbnails.tag(facts, size), "Cache-Control": "private, max-age=3600"}
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    data = thumbnails.kept(facts, size)
    if data is None:
        with service.admission.place():
            data = await service.pipeline.decode(partial(thumbnails.make, facts, size))
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


@router.get(
    "/v1/images/{image_id}/file",
    response_class=Response,
    responses={
        200: {
            "content": {kind: {} for kind in sorted({*MEDIA_TYPES.values(), UNKNOWN_TYPE})},
            "description": "The file.",
        },
        304: {"description": "It is as it was."},
        **schemas.problems(404, 503),
    },
)
async def get_file(
    service: Serving,
    image_id: ImageId,
    if_none_match: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """The file that an image was indexed from, as long as one still holds the same bytes."""
    facts = await service.pipeline.search(partial(service.collection.catalog.image, image_id))
    headers = headers_of(facts)
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    with service.admission.place():
        data = await service.pipeline.decode(partial(read_original, facts, service.limits))
    return Response(data, media_type=MEDIA_TYPES.get(facts.format, UNKNOWN_TYPE), headers=headers)
