"""A picture compared with banks."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, UploadFile
from starlette.exceptions import HTTPException

from lookalike.web import schemas
from lookalike.web.bank_schemas import CheckedAnswer
from lookalike.web.lines import LinesRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Banking, Caller, sent

router = router_of("banks", route_class=LinesRoute)


@router.post("/v1/check", response_model=CheckedAnswer, responses=schemas.problems(*schemas.PICTURE_PROBLEMS))
async def check_picture(
    service: Banking,
    caller: Caller,
    file: Annotated[UploadFile | None, File(description="The picture.")] = None,
    url: Annotated[str | None, Form(max_length=8192, description="Where the picture is.")] = None,
    keep: Annotated[bool, Form(description="Keep a small copy for review if a bank reports it.")] = False,
) -> Reply:
    """What each enabled bank says of a picture, an upload or one at a public URL.

    Raises:
        HTTPException: it is to be kept, for a caller who may only look.
    """
    if keep and caller is not None and caller.role == "search":
        raise HTTPException(403, "keep takes a token of the role add, review or admin, and yours has search")
    picture = sent(file=file, url=url)
    name = url if file is None else file.filename
    with service.admission.place():
        answer = await service.check(picture, service.review.keeping(name or "") if keep else None)
    return Reply(CheckedAnswer(**answer.facts()))
