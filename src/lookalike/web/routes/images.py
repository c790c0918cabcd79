"""The images of the collection: added, looked at, forgotten."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, File, Header, Path, Query, UploadFile
from starlette.responses import Response

from lookalike.collection.presence import there_first
from lookalike.errors import UsageError
from lookalike.store import Filters, ListedImage
from lookalike.web import cursors, list_schemas, schemas
from lookalike.web.given import GivenRoute
from lookalike.web.originals import MEDIA_TYPES, UNKNOWN_TYPE, headers_of, read_original
from lookalike.web.replies import Reply
from lookalike.web.routes.common import Base, Serving
from lookalike.web.thumbnails import MEDIA_TYPE

_MOST_FILES = 64
_SIDES = (160, 320, 640)

router = APIRouter(tags=["images"], route_class=GivenRoute)

ImageId = Annotated[int, Path(ge=1, le=2**63 - 1, description="As matches have it.")]


@router.post(
    "/v1/images",
    response_model=schemas.AddAnswer,
    responses=schemas.problems(400, 403, 408, 409, 413, 503, 507),
)
async def add_images(
    service: Serving, files: Annotated[list[UploadFile], File(description="Pictures, up to 64.")]
) -> Reply:
    """Add pictures. They are kept in the collection's own folder, named by their content."""
    if len(files) > _MOST_FILES:
        raise UsageError(f"send at most {_MOST_FILES} files at a time, not {len(files)}")
    with service.changes.place(), service.admission.place():
        done = await service.add([await file.read() for file in files])
    answer = schemas.AddAnswer(added=[], rejected=[])
    for file, upload in zip(files, done, strict=True):
        name = file.filename or ""
        if upload.image_id is None:
            answer.rejected.append(schemas.RejectedImage.of(upload, name=name))
        else:
            answer.added.append(schemas.AddedImage.of(upload, name=name))
    return Reply(answer)


async def filtered(
    folder: Annotated[str | None, Query(max_length=4096, description="A folder of /v1/stats.")] = None,
    since: Annotated[datetime | None, Query(description="Last changed then or later; UTC.")] = None,
    until: Annotated[datetime | None, Query(description="Last changed before that; UTC.")] = None,
    min_bytes: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Least size.")] = None,
    max_bytes: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Greatest size.")] = None,
    kind: Annotated[str | None, Query(alias="format", max_length=40, description="As JPEG.")] = None,
) -> Filters:
    """Which images are listed: those with a file that fits all of it."""
    return {
        "folder": folder or None,
        "since": since,
        "until": until,
        "min_bytes": min_bytes,
        "max_bytes": max_bytes,
        "format": kind,
    }


@router.get("/v1/images", response_model=list_schemas.ImagesAnswer, responses=schemas.problems(503))
async def list_images(
    service: Serving,
    filters: Annotated[Filters, Depends(filtered)],
    base: Base,
    cursor: Annotated[str | None, Query(max_length=100, description="Of the page before: next.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most images.")] = 100,
) -> Reply:
    """List images by id. Pictures that come or go meanwhile neither repeat others nor hide them."""
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
            modified=f"{image.modified:%Y-%m-%dT%H:%M:%SZ}",
            thumbnail=f"{base}/images/{image.image_id}/thumbnail",
        )
        for image in found[:limit]
    ]
    following = cursors.write(listed[-1].image_id) if len(found) > limit else None
    return Reply(list_schemas.ImagesAnswer(images=listed, next=following))


@router.get("/v1/images/{image_id}", response_model=schemas.ImageAnswer, responses=schemas.problems(404))
async def get_image(service: Serving, image_id: ImageId) -> Reply:
    """Look up what is known of an image."""
    facts = await service.pipeline.search(partial(service.collection.catalog.image, image_id))
    paths, missing = await service.pipeline.search(partial(there_first, facts.paths))
    files_missing = paths == missing
    return Reply(schemas.ImageAnswer.of(facts, paths=paths, missing=missing, files_missing=files_missing))


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
