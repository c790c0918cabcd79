"""The route that compares two pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, UploadFile

from lookalike.web import schemas
from lookalike.web.given import GivenRoute
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Identity, Serving, one_of

router = router_of("compare", route_class=GivenRoute)


@router.post(
    "/v1/compare",
    response_model=schemas.CompareAnswer,
    responses=schemas.problems(*schemas.PICTURE_PROBLEMS),
)
async def compare_images(
    service: Serving,
    a: Annotated[UploadFile | None, File(description="The first picture.")] = None,
    b: Annotated[UploadFile | None, File(description="The second picture.")] = None,
    a_id: Identity = None,
    b_id: Identity = None,
) -> Reply:
    """What two pictures are to each other, each an upload or an image of the collection."""
    first, second = one_of(a=a, a_id=a_id), one_of(b=b, b_id=b_id)
    with service.admission.place(2):
        compared, hash_a, hash_b = await service.compare(first, second)
    found = compared.evidence
    evidence = None if found is None else schemas.EvidenceFound(**found.facts())
    return Reply(schemas.CompareAnswer.of(compared, evidence=evidence, hash_a=hash_a, hash_b=hash_b))
