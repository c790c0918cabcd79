"""Searching: by one picture, or by several."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import File, Form, UploadFile

from lookalike.collection.questions import Found, Question
from lookalike.errors import ImageError, UsageError
from lookalike.store import FileStamp
from lookalike.web import schemas
from lookalike.web.given import GivenRoute
from lookalike.web.lines import LinesRoute
from lookalike.web.problems import problem_of
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Asked, Base, Identity, Serving, one_of
from lookalike.web.service import Searched, Service

_MOST_FILES = 16

router = router_of("search", route_class=GivenRoute)
several = router_of("search", route_class=GivenRoute)
"""Those of the routes that clusters have as they are."""

_by_lines = router_of("search", route_class=LinesRoute)


@_by_lines.post(
    "/v1/search",
    response_model=schemas.SearchAnswer,
    responses=schemas.problems(*schemas.PICTURE_PROBLEMS),
)
async def search_images(
    service: Serving,
    question: Asked,
    base: Base,
    file: Annotated[UploadFile | None, File(description="The picture.")] = None,
    url: Annotated[str | None, Form(max_length=8192, description="Where the picture is.")] = None,
    image_id: Identity = None,
) -> Reply:
    """Find what looks like a picture: an upload, one at a public URL, or one of the collection."""
    picture = one_of(file=file, url=url, image_id=image_id)
    with service.admission.place():
        searched = await service.search(picture, question)
    return Reply(answer_of(searched, question, base))


router.routes += _by_lines.routes


@several.post(
    "/v1/search/batch",
    response_model=schemas.BatchAnswer,
    responses=schemas.problems(*schemas.PICTURE_PROBLEMS),
)
async def search_batch(
    service: Serving,
    question: Asked,
    base: Base,
    files: Annotated[list[UploadFile], File(description="The pictures, up to 16.")],
) -> Reply:
    """Find what looks like each of several pictures; one that cannot be read does not stop the others."""
    if len(files) > _MOST_FILES:
        raise UsageError(f"send at most {_MOST_FILES} files at a time, not {len(files)}")
    with service.admission.place(len(files)):
        results = await asyncio.gather(*(_one(service, file, question, base) for file in files))
    return Reply(schemas.BatchAnswer(results=results, fpr=question.fpr))


router.routes += several.routes


async def _one(service: Service, file: UploadFile, question: Question, base: str) -> schemas.BatchResult:
    name = file.filename or ""
    try:
        found = (await service.search(file.file, question)).found
    except ImageError as error:
        problem = problem_of(error).described
        return schemas.BatchResult(name=name, matches=None, expected_false=None, remark="", problem=problem)
    return schemas.BatchResult(
        name=name,
        matches=_matches(found, base),
        expected_false=found.expected_false,
        remark=found.remark,
        problem=None,
    )


def answer_of(searched: Searched, question: Question, base: str) -> schemas.SearchAnswer:
    """An answer as it goes out.

    Args:
        searched: what was found.
        question: what was asked.
        base: where the collection's routes begin, as ``/v1``.
    """
    found = searched.found
    took = schemas.Took(
        embed_ms=1000 * searched.embed_seconds,
        search_ms=1000 * found.seconds,
        judge_ms=1000 * found.judge_seconds,
    )
    return schemas.SearchAnswer(
        matches=_matches(found, base),
        took=took,
        exact=question.exact,
        metric=question.metric,
        work=schemas.WorkDone.of(found.work),
        images=found.images,
        fpr=found.fpr,
        expected_false=found.expected_false,
        remark=found.remark,
    )


def _matches(found: Found, base: str) -> list[schemas.FoundMatch]:
    return [
        schemas.FoundMatch(
            **match.facts(),
            width=facts.width,
            height=facts.height,
            bytes=None if stamp is None else stamp.size,
            modified=None if stamp is None else _time(stamp),
            thumbnail=f"{base}/images/{match.image_id}/thumbnail",
        )
        for match, facts, stamp in zip(found.matches, found.facts, found.stamps, strict=True)
    ]


def _time(stamp: FileStamp) -> str:
    return f"{datetime.fromtimestamp(stamp.mtime_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}"
