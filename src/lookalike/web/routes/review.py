"""Cases for review: listed, looked at, decided; and the page for that."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Form, Path, Query
from pydantic import BeforeValidator
from starlette.responses import HTMLResponse, Response

from lookalike.errors import ImageError, NotFoundError
from lookalike.review import Case
from lookalike.store import CASE_STATES, STATE_WORDS, CaseDecision, CaseState
from lookalike.web import html, schemas, thumbnails
from lookalike.web.replies import Reply
from lookalike.web.review_schemas import ReviewAnswer, ReviewCase
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking, Caller
from lookalike.web.service import Service

_JPEG = "image/jpeg"
_SIDE = 640  # pixels of the bank's picture, if its file is there
_HEADERS = {"Cache-Control": "private, no-store"}  # no browser keeps what a reviewer has seen

router = router_of("review")

CaseId = Annotated[int, Path(ge=1, le=2**63 - 1, description="As lists and checks have it.")]


def _spaced(word: object) -> object:
    """A state or a decision as answers spell it: "not a match" for "not-a-match", as on the command line."""
    return STATE_WORDS.get(word, word) if isinstance(word, str) else word


@router.get("/review", include_in_schema=False)
async def review_page() -> HTMLResponse:
    """Show the page on which people decide cases."""
    return html.page("review.html")


@router.get("/v1/reviews", response_model=ReviewAnswer, responses=schemas.problems(404, 503))
async def list_cases(
    service: Banking,
    state: Annotated[
        CaseState | None, BeforeValidator(_spaced), Query(description="Only those that stand there.")
    ] = None,
    bank: Annotated[str | None, Query(max_length=100, description="Only matches of this bank.")] = None,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="As the page before says.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most cases.")] = 100,
) -> Reply:
    """List cases in the order in which they came, and count them by where they stand."""
    review = service.review
    found = await service.pipeline.search(partial(review.cases, state, bank, after=after, most=limit + 1))
    counts = await service.pipeline.search(partial(review.counts, bank))
    shown = found[:limit]
    return Reply(
        ReviewAnswer(
            cases=[_shape(case) for case in shown],
            next=shown[-1].row.case_id if len(found) > limit else None,
            counts={each: counts[each] for each in CASE_STATES},
        )
    )


@router.get("/v1/reviews/{case_id}", response_model=ReviewCase, responses=schemas.problems(404, 503))
async def get_case(service: Banking, case_id: CaseId) -> Reply:
    """Tell all that is known of a case."""
    return Reply(_shape(await service.pipeline.search(partial(service.review.case, case_id))))


@router.post(
    "/v1/reviews/{case_id}/decision",
    response_model=ReviewCase,
    responses=schemas.problems(400, 403, 404, 408, 409, 413, 503, 507),
)
async def decide_case(
    service: Banking,
    caller: Caller,
    case_id: CaseId,
    decision: Annotated[CaseDecision, BeforeValidator(_spaced), Form(description="What is decided.")],
    who: Annotated[str, Form(min_length=1, max_length=100, description="Decides it; for the audit log.")],
    replaces: Annotated[
        int | None,
        Form(ge=1, le=2**63 - 1, description="Entry of the audit log whose decision this one replaces."),
    ] = None,
) -> Reply:
    """Decide a case; the audit log keeps what is replaced, and the token's name.

    If the case has another decision than the one that is said to be replaced, the answer is 409.
    """
    token = None if caller is None else caller.name
    decide = partial(service.review.decide, case_id, decision, who, token, replaces)
    with service.changes.place():
        return Reply(_shape(await service.change(decide)))


@router.get(
    "/v1/reviews/{case_id}/picture",
    response_class=Response,
    responses={
        200: {"content": {_JPEG: {}}, "description": "At most 256 pixels a side."},
        **schemas.problems(404, 503),
    },
)
async def get_checked_picture(service: Banking, case_id: CaseId) -> Response:
    """The small copy of the checked picture."""
    data = await service.pipeline.search(partial(service.review.picture, case_id))
    return Response(data, media_type=_JPEG, headers=_HEADERS)


@router.get(
    "/v1/reviews/{case_id}/known",
    response_class=Response,
    responses={
        200: {
            "content": {thumbnails.MEDIA_TYPE: {}, _JPEG: {}},
            "description": "At most 640 pixels a side, or 256 if its file is gone.",
        },
        **schemas.problems(404, 503),
    },
)
async def get_known_picture(service: Banking, case_id: CaseId) -> Response:
    """The bank's picture: a copy made from its file, or the small one that the collection keeps."""
    case = await service.pipeline.search(partial(service.review.case, case_id))
    with service.admission.place():
        data, kind = await service.pipeline.decode(partial(_known, service, case))
    return Response(data, media_type=kind, headers=_HEADERS)


def _shape(case: Case) -> ReviewCase:
    return ReviewCase(**case.facts())


def _known(service: Service, case: Case) -> tuple[bytes, str]:
    """The bank's picture, encoded, and its media type.

    Raises:
        NotFoundError: there is none: the entry is a hash, or the collection has forgotten the picture.
    """
    case_id, image_id = case.row.case_id, case.row.image_id
    if image_id is None:
        raise NotFoundError(f"the bank has no picture for case {case_id}")
    catalog = service.collection.catalog
    try:
        return service.thumbnails.make(catalog.image(image_id), _SIDE), thumbnails.MEDIA_TYPE
    except (NotFoundError, ImageError):
        small = catalog.small_of(image_id)
    if small is None:
        raise NotFoundError(f"the file of the bank's picture for case {case_id} is gone")
    return small, _JPEG
