"""What the server and its collection are like: statistics, metrics, health."""

from __future__ import annotations

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

import lookalike
from lookalike.kernels.metrics import METRICS
from lookalike.web import schemas
from lookalike.web.replies import Reply
from lookalike.web.routers import router_of
from lookalike.web.routes.common import Serving, services_of
from lookalike.web.service import Service

router = router_of("state")


@router.get("/v1/stats", response_model=schemas.Stats, responses=schemas.problems())
async def get_stats(service: Serving) -> Reply:
    """Count what the collection holds."""
    return Reply(await service.pipeline.search(lambda: _facts(service)))


@router.get("/metrics", response_class=PlainTextResponse, responses=schemas.problems())
async def get_metrics(request: Request) -> Response:
    """Counters in the text format of Prometheus."""
    for service in services_of(request).values():
        await service.pipeline.search(service.observe)
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/livez", response_class=PlainTextResponse)
async def check_liveness() -> PlainTextResponse:
    """Say that the process answers."""
    return PlainTextResponse("alive\n")


@router.get("/readyz", response_class=PlainTextResponse, responses=schemas.problems(503))
async def check_readiness(request: Request) -> PlainTextResponse:
    """Say whether all collections can be searched."""
    for service in services_of(request).values():
        await service.pipeline.search(service.is_ready)
    return PlainTextResponse("ready\n")


def _facts(service: Service) -> schemas.Stats:
    totals, card = service.totals(), service.collection.embedder.card
    return schemas.Stats(
        images=totals.images,
        files=totals.files,
        folders=[schemas.KnownFolder(path=str(path), files=files) for path, files in totals.folders.items()],
        embedder=card.name,
        dim=card.dim,
        index="lsh" if service.collection.current().hashed else "scan",
        bytes_on_disk=service.bytes_on_disk(),
        version=lookalike.__version__,
        metrics=list(METRICS),
        recall_sampled=service.sampler.recall,
        map=service.map.is_file(),
        lacks=[*service.lacks],
    )
